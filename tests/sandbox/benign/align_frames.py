a = pl.DataFrame({"k": [1, 2], "a": [1, 2]})
b = pl.DataFrame({"k": [2, 3], "b": [5, 6]})
x, y = pl.align_frames(a, b, on="k")
result = x.hstack(y.select("b"))
