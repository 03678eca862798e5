result = sales.select("id", "qty").sum_horizontal()
