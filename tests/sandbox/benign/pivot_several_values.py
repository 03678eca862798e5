result = sales.pivot(on="paid", index="item", values=["qty", "amount"], aggregate_function="mean", separator=":").sort("item")
