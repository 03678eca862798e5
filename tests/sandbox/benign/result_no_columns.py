result = pl.DataFrame()
