a, b = pl.collect_all([sales.lazy().select(pl.len()), shops.lazy().select(pl.len())])
result = pl.concat([a, b])
