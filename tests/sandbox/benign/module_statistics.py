import statistics
v = sales["qty"].to_list()
result = pl.DataFrame({"mean": [statistics.fmean(v)], "median": [float(statistics.median(v))], "stdev": [statistics.stdev(v)], "q": [statistics.quantiles(v, n=4)]})
