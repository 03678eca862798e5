result = sales.head(5).select(pl.col("place").struct.field("*"))
