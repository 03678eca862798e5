result = sales.select("shop", "item").filter(pl.struct("shop", "item").is_duplicated()).unique().sort("shop", "item", nulls_last=True)
