base = pl.DataFrame({"k": range(50), "s": [None if i % 3 == 0 else f"text number {i} of fifty" for i in range(50)]})
x = base.with_columns(
    l=pl.concat_list("s", "s"), t=pl.struct("k", "s"), c=pl.col("s").cast(pl.Categorical), b=pl.col("s").cast(pl.Binary),
    a=pl.concat_arr("s", "s"),
)
result = pl.concat([x.filter(pl.col("k") % 4 == 1).slice(2), x.slice(7, 5), x.head(0), x.tail(3)], rechunk=False)
