import polars.selectors as cs
result = sales.with_columns(cs.string().fill_null("-").str.to_uppercase(), cs.boolean().not_()).select(cs.string(), cs.boolean()).head(10)
