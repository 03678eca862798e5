result = sales.select("id", "qty").head(5).map_rows(lambda r: (r[0] + r[1], str(r[1])))
