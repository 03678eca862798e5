import numpy as np
result = sales.select(np.sqrt(pl.col("qty")).alias("root"), np.log1p(pl.col("amount")).alias("log")).head(9)
