result = sales["amount"].mean()
