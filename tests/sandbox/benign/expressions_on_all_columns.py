result = sales.select(pl.all().is_null().sum())
