result = pl.DataFrame({"i": range(200_000)}).with_columns(s=pl.format("row {}", "i"))
