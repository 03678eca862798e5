result = sales.filter(pl.col("shop").is_in(["north", "south"]) & pl.col("qty").is_between(2, 6, closed="left") & ~pl.col("item").is_in(["plum"])).select("id").sort("id")
