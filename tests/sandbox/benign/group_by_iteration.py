rows = [(name, part.height, part["qty"].sum()) for (name,), part in sales.group_by("shop", maintain_order=True)]
result = pl.DataFrame(rows, schema=["shop", "rows", "qty"], orient="row")
