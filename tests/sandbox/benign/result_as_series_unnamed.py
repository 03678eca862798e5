result = pl.Series([True, None, False])
