x = pl.DataFrame({"k": ["a", "b"], "v": [[1, 2], [3]], "w": [["x", "y"], ["z"]]})
result = x.explode("v", "w")
