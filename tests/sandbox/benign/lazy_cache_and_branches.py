base = sales.lazy().filter(pl.col("qty") > 2).cache()
result = pl.concat([base.select(v=pl.col("qty").sum().cast(pl.Int64)), base.select(v=pl.col("id").max())]).collect()
