rows = sales.select("id", "place", "tags").head(4).to_dicts()
result = pl.DataFrame([{**row, "n": len(row["tags"] or [])} for row in rows])
