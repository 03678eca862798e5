result = sales["item"].max()
