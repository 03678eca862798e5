from datetime import datetime
x = pl.DataFrame({"t": [datetime(2024, 10, 27, 2, 30), datetime(2024, 3, 31, 2, 30)]})
result = x.select(pl.col("t").dt.replace_time_zone("Europe/Paris", ambiguous="earliest", non_existent="null"))
