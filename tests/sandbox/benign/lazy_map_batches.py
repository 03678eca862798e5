result = sales.lazy().select("id", "qty").map_batches(lambda f: f.with_columns(s=f["qty"] + 1), schema={"id": pl.Int64, "qty": pl.Int32, "s": pl.Int32}).collect().head(5)
