d = sales.head(5).select("id", "qty").to_dict(as_series=False)
by = sales.head(6).select("size", "id").rows_by_key("size", unique=False)
result = pl.DataFrame({"sum": [sum(d["qty"])], "keys": [sorted(by)]})
