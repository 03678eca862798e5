result = pl.json_normalize([{"a": 1, "b": {"c": 2, "d": {"e": 3}}}, {"a": 4, "b": {"c": 5, "d": {"e": 6}}}])
