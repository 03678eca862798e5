table = sales.select("id", "shop", "tags", "day").to_arrow()
result = pl.from_arrow(table.slice(3, 5)).with_columns(n=pl.lit(table.num_rows))
