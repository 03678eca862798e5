import polars.selectors as cs
result = sales.group_by("shop").agg(cs.float().sum().round(2), cs.integer().max().name.suffix("_max")).sort("shop", nulls_last=True)
