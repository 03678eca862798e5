result = sales.select("id", "kind").filter(pl.col("kind") == "fruit").sort("id")
