result = shops.select("shop", "opened").join_where(sales.select("id", "day").head(30), pl.col("opened") > pl.col("day").dt.offset_by("-4y"), pl.col("opened") < pl.col("day")).sort("shop", "id")
