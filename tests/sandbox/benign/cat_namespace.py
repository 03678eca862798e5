k = pl.col("kind").cat
result = sales.select(
    "kind", starts=k.starts_with("fr"), ends=k.ends_with("l"), chars=k.len_chars(), bytes=k.len_bytes(), part=k.slice(0, 2), up=pl.col("kind").cast(pl.String).str.to_uppercase()
).unique(maintain_order=True)
