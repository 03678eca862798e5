result = pl.DataFrame([(1, "a", 2.0), (2, "b", None)], schema={"i": pl.UInt8, "s": pl.Categorical, "f": pl.Float32}, orient="row")
