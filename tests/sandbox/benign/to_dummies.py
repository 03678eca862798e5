result = sales.select("size").head(10).to_dummies(drop_first=False)
