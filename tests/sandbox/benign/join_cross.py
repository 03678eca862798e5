result = shops.select("shop").join(shops.select(other="shop"), how="cross").filter(pl.col("shop") < pl.col("other")).sort("shop", "other")
