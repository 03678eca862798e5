result = sales["price"].sum()
