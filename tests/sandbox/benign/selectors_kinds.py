import polars.selectors as cs
result = pl.DataFrame({
    "numeric": [sales.select(cs.numeric()).columns], "temporal": [sales.select(cs.temporal()).columns], "string": [sales.select(cs.string()).columns], "float": [sales.select(cs.float()).columns],
    "starts": [sales.select(cs.starts_with("p")).columns], "not": [sales.select(~cs.by_name("id", "qty")).columns], "both": [sales.select(cs.numeric() & cs.contains("i")).columns], "minus": [sales.select(cs.all() - cs.numeric() - cs.temporal()).columns],
    "first": [sales.select(cs.first() | cs.last()).columns], "dtype": [sales.select(cs.by_dtype(pl.Int64, pl.Boolean)).columns], "nested": [sales.select(cs.nested()).columns], "matches": [sales.select(cs.matches("^a")).columns],
})
