a = sales.join(shops.filter(pl.col("target") > 150), on="shop", how="semi").height
b = shops.join(sales, on="shop", how="anti").sort("shop")
result = b.with_columns(matched=pl.lit(a))
