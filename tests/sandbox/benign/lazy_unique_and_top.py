result = sales.lazy().unique("item", keep="any").select("item").sort("item").collect()
