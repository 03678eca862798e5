result = pl.DataFrame({"same": [sales.equals(sales.clone()), sales.head(1).equals(sales.tail(1))]})
