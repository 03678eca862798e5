result = sales.filter(pl.col("amount").rank("ordinal", descending=True).over("shop") <= 2).sort("shop", "id", nulls_last=True).select("shop", "id", "amount")
