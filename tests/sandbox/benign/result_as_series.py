result = sales["amount"].head(7)
