result = sales.head(5).unpivot(on=["qty", "amount"], index="id", variable_name="what", value_name="how_much")
