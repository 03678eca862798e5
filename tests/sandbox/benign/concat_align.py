a, b = pl.DataFrame({"k": [1, 2], "a": [1, 2]}), pl.DataFrame({"k": [2, 3], "b": [5, 6]})
result = pl.concat([a, b], how="align").sort("k")
