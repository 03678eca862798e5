result = sales.select(
    pl.col("item").str.to_uppercase().alias("up"), pl.col("item").str.to_lowercase().alias("low"), pl.col("item").str.to_titlecase().alias("title"),
    pl.col("item").str.len_chars().alias("chars"), pl.col("item").str.len_bytes().alias("bytes"), pl.col("item").str.reverse().alias("back"),
)
