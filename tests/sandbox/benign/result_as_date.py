result = sales["day"].max()
