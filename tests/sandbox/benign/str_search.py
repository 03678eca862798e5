result = sales.filter(pl.col("item").str.contains("(?i)apple")).select(
    "item", starts=pl.col("item").str.starts_with("Red"), ends=pl.col("item").str.ends_with(" "), find=pl.col("item").str.find("p"), count=pl.col("item").str.count_matches("p"),
    literal=pl.col("item").str.contains(".", literal=True), many=pl.col("item").str.contains_any(["Red", "pear"]),
)
