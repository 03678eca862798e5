import pickle
result = pickle.loads(pickle.dumps(sales.select("id", "day").head(3)))
