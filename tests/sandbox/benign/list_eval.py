x = pl.DataFrame({"v": [[3, 1, 2], [], [5, None]]})
result = x.select(pl.col("v").list.eval(pl.element() * 2).alias("double"), pl.col("v").list.eval(pl.element().rank()).alias("rank"), pl.col("v").list.eval(pl.element().filter(pl.element() > 1)).alias("some"), pl.col("v").list.agg(pl.element().sum()).alias("agg"))
