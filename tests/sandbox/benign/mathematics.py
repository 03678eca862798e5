x = pl.DataFrame({"v": [0.1, 0.5, 1.0]})
result = x.select(
    sin=pl.col("v").sin(), cos=pl.col("v").cos(), tan=pl.col("v").tan(), asin=pl.col("v").arcsin(), exp=pl.col("v").exp(), log=pl.col("v").log(), log1p=pl.col("v").log1p(),
    log10=pl.col("v").log10(), sqrt=pl.col("v").sqrt(), cbrt=pl.col("v").cbrt(), degrees=pl.col("v").degrees(), sinh=pl.col("v").sinh(), atan2=pl.arctan2("v", "v"),
)
