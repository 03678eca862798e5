result = sales["day"].max() - sales["day"].min()
