result = sales.select("id", "qty", "amount", "day").describe()
