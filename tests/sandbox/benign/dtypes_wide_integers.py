result = pl.DataFrame({"a": pl.Series([2**100, -(2**120), None], dtype=pl.Int128), "b": pl.Series([2**127, 0, None], dtype=pl.UInt128)})
