import calendar, time
result = pl.DataFrame({"days": [calendar.monthrange(2024, 2)[1]], "leap": [calendar.isleap(2024)], "s": [time.strftime("%Y", time.gmtime(0))], "passed": [time.perf_counter() >= 0]})
