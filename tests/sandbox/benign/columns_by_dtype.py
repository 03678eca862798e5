result = sales.select(pl.col(pl.Int64, pl.Float64, pl.Date)).head(5)
