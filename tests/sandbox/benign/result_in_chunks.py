result = pl.concat([sales.head(5), sales.tail(5), sales.slice(30, 5)], rechunk=False)
