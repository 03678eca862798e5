x = pl.DataFrame({"v": [[3, 1, 2], [], [5, None], None]})
result = x.select(
    pl.col("v").list.sum().alias("sum"), pl.col("v").list.mean().alias("mean"), pl.col("v").list.max().alias("max"), pl.col("v").list.min().alias("min"), pl.col("v").list.median().alias("median"), pl.col("v").list.std().alias("std"),
    pl.col("v").list.sort(descending=True).alias("sort"), pl.col("v").list.arg_max().alias("arg"), pl.col("v").list.diff().alias("diff"), pl.col("v").list.shift(1).alias("shift"), pl.col("v").list.drop_nulls().alias("drop"), pl.col("v").list.n_unique().alias("nu"),
)
