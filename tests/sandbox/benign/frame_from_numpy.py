import numpy as np
result = pl.from_numpy(np.arange(6.0).reshape(3, 2), schema=["a", "b"]).with_columns(c=pl.Series(np.array(["x", "y", "z"])), d=pl.Series(np.array(["2024-01-01", "2024-01-02", "NaT"], dtype="datetime64[D]")))
