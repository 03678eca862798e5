result = pl.DataFrame({"n": [1, 3, 0]}).with_columns(r=pl.int_ranges(0, pl.col("n")), repeated=pl.lit("x").repeat_by("n"))
