result = sales.pivot(on="size", index="shop", values="qty", aggregate_function="sum", sort_columns=True).sort("shop", nulls_last=True)
