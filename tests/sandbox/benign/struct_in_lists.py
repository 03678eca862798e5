x = pl.DataFrame({"k": [1, 2], "v": [[{"a": 1, "b": "x"}, {"a": 2, "b": None}], []]})
result = x.explode("v").unnest("v")
