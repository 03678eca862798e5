result = sales.select(pl.col("id").gather([0, 5, 7]), pl.col("qty").gather_every(50).head(3), pl.col("item").slice(2, 3))
