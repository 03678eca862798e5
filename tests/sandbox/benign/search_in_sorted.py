s = sales["id"].sort()
result = pl.DataFrame({"at": s.search_sorted(pl.Series([1, 50, 10_000]))})
