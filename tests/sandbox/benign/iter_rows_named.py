result = pl.DataFrame([{"id": r["id"], "double": r["qty"] * 2} for r in sales.head(10).iter_rows(named=True) if r["paid"]])
