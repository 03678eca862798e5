assert sales.height == 400, "rows"
assert set(sales["size"].unique().cast(pl.String)) <= {"S", "M", "L"}
result = "checked"
