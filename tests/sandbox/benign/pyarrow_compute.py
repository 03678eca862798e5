import pyarrow.compute as pc
table = sales.select("shop", "qty").to_arrow()
result = pl.DataFrame({"total": [pc.sum(table["qty"]).as_py()], "kinds": [pc.count_distinct(table["shop"]).as_py()]})
