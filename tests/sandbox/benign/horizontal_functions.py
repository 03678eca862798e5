result = sales.head(20).select(
    most=pl.max_horizontal("id", "qty"), least=pl.min_horizontal("id", "qty"), total=pl.sum_horizontal("id", "qty", "amount"),
    mean=pl.mean_horizontal("id", "qty"), any=pl.any_horizontal(pl.col("paid"), pl.col("qty") > 5), every=pl.all_horizontal(pl.col("paid"), pl.col("qty") > 5),
    first=pl.coalesce("shop", pl.lit("none")), text=pl.concat_str("shop", "item", separator="/", ignore_nulls=True), form=pl.format("{}: {}", "id", "item"),
)
