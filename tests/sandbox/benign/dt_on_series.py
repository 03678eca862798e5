s = sales["at"]
result = pl.DataFrame({"least": [s.dt.min()], "most": [s.dt.max()], "mean": [s.mean()], "months": [s.dt.month().n_unique()]})
