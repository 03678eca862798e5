result = pl.concat([sales.head(2), sales.tail(2), sales.slice(10, 2), sales.limit(1), sales[3:5], sales[[0, -1]]]).select("id")
