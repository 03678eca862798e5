result = pl.DataFrame({"a": [sales[0, "id"], sales["id"][3], sales.item(2, "id"), sales.row(4)[0], sales.row(5, named=True)["id"], sales["qty"].to_list()[6]]})
