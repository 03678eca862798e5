a = sales.select(pl.col("id").sort().over("paid", mapping_strategy="explode"))
b = sales.select(pl.col("id").head(2).over("paid", mapping_strategy="join")).head(3)
result = pl.concat([a.head(10), b.select(pl.col("id").list.first())])
