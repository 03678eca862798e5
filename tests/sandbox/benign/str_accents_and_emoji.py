x = pl.DataFrame({"s": ["Crème brûlée", "naïve", "日本語", "👩‍👩‍👧"]})
result = x.with_columns(chars=pl.col("s").str.len_chars(), bytes=pl.col("s").str.len_bytes(), up=pl.col("s").str.to_uppercase(), first=pl.col("s").str.slice(0, 1))
