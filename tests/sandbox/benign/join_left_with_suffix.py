result = sales.join(shops.with_columns(item=pl.lit("x")), on="shop", how="left", suffix="_shop").select("id", "item", "item_shop", "rating").sort("id")
