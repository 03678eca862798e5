a = pl.from_dict({"a": [1, 2], "b": ["x", None]})
b = pl.from_dicts([{"a": 3, "b": "z"}])
c = pl.from_records([[4, 5], ["p", "q"]], schema=["a", "b"], orient="col")
result = pl.concat([a, b, c])
