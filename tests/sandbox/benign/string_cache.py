with pl.StringCache():
    a = pl.Series("c", ["x", "y"], dtype=pl.Categorical)
    b = pl.Series("c", ["y", "z"], dtype=pl.Categorical)
result = pl.concat([a, b]).to_frame()
