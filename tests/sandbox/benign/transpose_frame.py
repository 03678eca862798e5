result = shops.select(pl.col("target").cast(pl.Float64), "rating").transpose(include_header=True, column_names=shops["shop"].to_list())
