result = sales.select("id", s=pl.struct("shop", "qty")).filter(pl.col("s") == pl.struct(pl.lit("north").alias("shop"), pl.lit(3, pl.Int32).alias("qty"))).sort("id")
