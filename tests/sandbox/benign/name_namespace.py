result = sales.head(5).select(
    pl.col("id", "qty").name.suffix("_x"), pl.col("id").name.prefix("p_"), pl.col("shop").name.to_uppercase(), pl.col("item").name.map(lambda n: n[::-1]), pl.col("place").name.map_fields(lambda f: f.upper()), (pl.col("amount") * 2).alias("other").name.keep(), pl.col("paid").name.replace("p", "q"),
)
