result = sales.select(
    a=pl.col("item").str.replace("e", "E"), b=pl.col("item").str.replace_all(r"[aeiou]", "*"), c=pl.col("item").str.replace_many({"Red": "Blue", "pear": "fig"}),
    d=pl.col("item").str.replace_all(r"(\w+) (\w+)", "$2 $1"),
)
