x = pl.Series("v", range(12))
result = pl.DataFrame({"r": x.reshape((4, 3))}).with_columns(flat=pl.col("r").arr.sum())
