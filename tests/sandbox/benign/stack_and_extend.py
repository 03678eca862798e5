a = pl.DataFrame({"x": [1, 2]})
b = a.vstack(pl.DataFrame({"x": [3]})).extend(pl.DataFrame({"x": [4]}))
result = b.hstack([pl.Series("y", list("abcd"))]).insert_column(1, pl.Series("z", [0.5] * 4))
