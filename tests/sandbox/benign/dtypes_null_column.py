result = sales.select("id", nothing=pl.lit(None), empty=pl.lit(None, dtype=pl.String)).head(3)
