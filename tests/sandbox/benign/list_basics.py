result = sales.select(
    "id", pl.col("tags").list.len().alias("n"), pl.col("tags").list.first().alias("first"), pl.col("tags").list.last().alias("last"), pl.col("tags").list.get(1, null_on_oob=True).alias("second"), pl.col("tags").list.join("+").alias("joined"),
    pl.col("tags").list.contains("new").alias("new"), pl.col("tags").list.unique().list.sort().alias("unique"), pl.col("tags").list.reverse().alias("back"), pl.col("tags").list.head(1).alias("head"),
)
