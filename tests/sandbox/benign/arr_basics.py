x = pl.DataFrame({"v": [[1, 5, 3], [4, 2, 6]]}, schema={"v": pl.Array(pl.Int64, 3)})
result = x.select(
    pl.col("v").arr.sum().alias("sum"), pl.col("v").arr.max().alias("max"), pl.col("v").arr.min().alias("min"), pl.col("v").arr.get(1).alias("get"), pl.col("v").arr.first().alias("first"), pl.col("v").arr.sort().alias("sort"),
    pl.col("v").arr.reverse().alias("rev"), pl.col("v").arr.contains(5).alias("has"), pl.col("v").arr.to_list().alias("list"), pl.col("v").arr.mean().alias("mean"), pl.col("v").arr.n_unique().alias("nu"), pl.col("v").arr.len().alias("len"), pl.col("v").arr.to_struct(["a", "b", "c"]).alias("st"),
)
