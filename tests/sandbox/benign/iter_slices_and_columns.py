result = pl.DataFrame({"heights": [part.height for part in sales.iter_slices(150)], "names": [sales.columns[:3]] * len(list(sales.iter_slices(150)))})
