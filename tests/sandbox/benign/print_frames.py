print(sales.select("id", "day", "tags", "place").head(3))
sales.select("id", "qty", "item").head(4).glimpse()
print(sales.schema)
result = 1
