result = sales.lazy().sort("id").head(3).select("id").collect()
