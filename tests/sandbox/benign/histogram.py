result = sales.drop_nulls("amount")["amount"].hist(bins=[0, 25, 50, 75, 100])
