plan = sales.lazy().filter(pl.col("id") > 3).select("id").explain()
result = pl.DataFrame({"has_filter": ["FILTER" in plan.upper() or "SELECTION" in plan.upper()]})
