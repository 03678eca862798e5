from datetime import date
result = pl.DataFrame([{"a": 1, "b": "x", "c": [1.5], "d": {"e": date(2024, 1, 1)}}, {"a": None, "b": None, "c": None, "d": None}])
