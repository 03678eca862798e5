result = pl.DataFrame({"s": ["ab", "c"]}).select(pl.col("s").str.split("").explode().alias("c"))
