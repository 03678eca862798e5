result = pl.DataFrame({str(t): pl.Series([0, None, 100], dtype=t) for t in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)})
