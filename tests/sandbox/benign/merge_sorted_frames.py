result = sales.select("id").sort("id").head(4).merge_sorted(sales.select("id").sort("id").slice(2, 4), key="id")
