result = sales.drop_nulls("amount").select(pl.corr("qty", "amount", method="spearman"))
