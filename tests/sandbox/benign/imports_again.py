import polars as pl
import polars
from polars import col, lit, when
from polars.exceptions import ColumnNotFoundError
result = sales.select(col("id"), lit(1).alias("one"), when(col("qty") > 5).then(lit("a")).otherwise(lit("b")).alias("w")).head(4)
