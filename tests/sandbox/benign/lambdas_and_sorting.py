rows = sorted(sales.head(9).rows(named=True), key=lambda r: (-r["qty"], r["id"]))
result = pl.DataFrame([{"id": r["id"]} for r in rows])
