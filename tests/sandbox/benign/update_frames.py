result = sales.select("id", "qty").head(6).update(pl.DataFrame({"id": [1, 3], "qty": pl.Series([100, None], dtype=pl.Int32)}), on="id")
