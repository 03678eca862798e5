# DESC: a plan of a hundred thousand steps, for the optimizer's stack
# EXPECT: crash|runtime_error|oom|timeout|ok
lazy = orders.lazy()
for i in range(100_000):
    lazy = lazy.with_columns(x=pl.col("id") + i)
result = lazy
