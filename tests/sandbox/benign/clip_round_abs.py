result = sales.select(
    pl.col("amount").clip(10, 50).alias("clip"), pl.col("amount").round(1).alias("round"), pl.col("amount").floor().alias("floor"), pl.col("amount").ceil().alias("ceil"),
    (-pl.col("qty")).abs().alias("abs"), pl.col("amount").sign().alias("sign"), pl.col("amount").round_sig_figs(2).alias("figures"),
)
