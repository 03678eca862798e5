x = sales.drop("blob", "tags").rename({"id": "key", "shop": "place_name"})
result = x.select(sorted(x.columns)).rename(str.upper)
