a = sales.sort(pl.col("item").str.len_chars(), "id", descending=[True, False])["id"]
b = sales["qty"].arg_sort().head(5).cast(pl.Int64)
result = pl.DataFrame({"a": a.head(5), "b": b, "c": sales["id"].reverse().head(5), "d": sales.sort("amount", nulls_last=True, maintain_order=True)["id"].tail(5)})
