x = pl.DataFrame({"s": ["é", "ﬁn", "a.b"]})
result = x.select(pl.col("s").str.normalize("NFKD").alias("n"), pl.col("s").str.escape_regex().alias("e"))
