result = pl.DataFrame({
    "a": [[[1, 2], []], None], "b": [{"x": {"y": [None]}}, {"x": None}], "c": pl.Series([[["a", "b"]], [["c", None]]], dtype=pl.Array(pl.Array(pl.String, 2), 1)), "d": pl.Series([[b"\x00"], []], dtype=pl.List(pl.Binary)),
})
