result = pl.DataFrame({"v": [{"a": {"b": [{"c": [1, 2]}, {"c": []}]}}, None]})
