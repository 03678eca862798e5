x = pl.DataFrame({"b": [b"\x01\x00\x00\x00", b"\xff\x00\x00\x00"]})
result = x.select(pl.col("b").bin.reinterpret(dtype=pl.Int32, endianness="little"), pl.col("b").bin.ends_with(b"\x00").alias("z"))
