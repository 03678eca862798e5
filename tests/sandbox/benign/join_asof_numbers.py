a = pl.DataFrame({"k": [1, 5, 10], "v": ["a", "b", "c"]})
b = pl.DataFrame({"k": [2, 3, 9], "w": [20, 30, 90]})
result = a.join_asof(b, on="k", strategy="forward", coalesce=False)
