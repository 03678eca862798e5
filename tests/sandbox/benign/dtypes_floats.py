result = pl.DataFrame({"h": pl.Series([0.5, None], dtype=pl.Float16), "s": pl.Series([float("inf"), -0.0], dtype=pl.Float32), "d": [float("nan"), 1e308]})
