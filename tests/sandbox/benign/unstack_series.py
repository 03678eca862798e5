result = pl.DataFrame({"x": list("abcdef")}).unstack(step=3, how="vertical")
