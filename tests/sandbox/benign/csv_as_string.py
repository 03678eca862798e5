result = sales.select("id", "qty").head(2).write_csv()
