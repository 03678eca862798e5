# DESC: an expression a million levels deep, printed, collected and dropped
# EXPECT: crash|runtime_error|oom|timeout|ok
expression = pl.col("id")
for _ in range(300_000):
    expression = (expression + 1).abs()
print(len(str(orders.head(1).select(expression))))
result = orders.head(1)
