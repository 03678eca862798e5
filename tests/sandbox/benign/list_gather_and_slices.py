x = pl.DataFrame({"v": [[3, 1, 2, 7], [8]]})
result = x.select(pl.col("v").list.gather([0, 3], null_on_oob=True).alias("g"), pl.col("v").list.slice(1, 2).alias("s"), pl.col("v").list.tail(2).alias("t"), pl.col("v").list.gather_every(2).alias("e"), pl.col("v").list.filter(pl.element() > 2).alias("f"))
