from polars import *
result = sales.select(col("id").max())
