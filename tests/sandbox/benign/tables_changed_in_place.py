sales[0, "qty"] = 99
sales.insert_column(0, pl.Series("new", range(sales.height)))
sales = sales.with_columns(qty=pl.col("qty") + 1)
result = sales.head(2).select("new", "qty")
