result = sales.head(3)
temporary = result.select("id")
del temporary
result = result.select("id", "qty")
