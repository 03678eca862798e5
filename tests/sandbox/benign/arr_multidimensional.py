import numpy as np
x = pl.DataFrame({"m": np.arange(12).reshape(2, 2, 3)})
result = x.with_columns(first=pl.col("m").arr.first(), sums=pl.col("m").arr.get(1).arr.sum())
