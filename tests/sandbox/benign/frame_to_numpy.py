import numpy as np
m = sales.select("qty", pl.col("amount").fill_null(0)).to_numpy()
result = pl.DataFrame({"mean": m.mean(axis=0), "norm": np.linalg.norm(m, axis=0)})
