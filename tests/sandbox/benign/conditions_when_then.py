result = sales.select(
    "id",
    band=pl.when(pl.col("amount") > 60).then(pl.lit("high"))
    .when(pl.col("amount") > 30).then(pl.lit("middle"))
    .otherwise(pl.lit("low")),
)
