result = sales.join(shops, left_on=pl.col("shop").str.to_uppercase(), right_on=pl.col("shop").str.to_uppercase()).select("id", "city").sort("id")
