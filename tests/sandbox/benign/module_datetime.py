import datetime as dt
days = [dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(5)]
result = pl.DataFrame({"day": days, "iso": [d.isoformat() for d in days], "week": [d.isocalendar().week for d in days]})
