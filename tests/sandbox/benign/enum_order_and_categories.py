result = sales.select("id", "size").sort("size", "id").with_columns(code=pl.col("size").to_physical(), text=pl.col("size").cast(pl.String))
