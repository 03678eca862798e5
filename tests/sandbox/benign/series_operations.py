s = pl.Series("a", [3, 1, 2])
result = pl.DataFrame({"sum": [s.sum()], "sorted": [s.sort().to_list()], "has": [2 in s.to_list()], "dot": [s.dot(s)], "name": [s.rename("b").name], "len": [len(s)], "any": [(s > 2).any()], "mean": [s.mean()]})
