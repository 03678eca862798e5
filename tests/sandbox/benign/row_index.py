result = sales.select("item").with_row_index("n", offset=10).filter(pl.col("n") % 7 == 0)
