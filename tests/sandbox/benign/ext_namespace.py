held = pl.Series("e", [1, 2]).ext.to(pl.Extension("some.type", pl.Int64)).to_frame()
result = held.select(pl.col("e").ext.storage() * 2)
