import numpy as np
result = pl.DataFrame({"x": np.random.default_rng(5).normal(size=20)})
