a = pl.DataFrame({"k": [1, None, 2], "a": [1, 2, 3]})
b = pl.DataFrame({"k": [None, 2], "b": [9, 8]})
result = pl.concat([a.join(b, on="k", how="left"), a.join(b, on="k", how="left", nulls_equal=True)]).sort("a", "b")
