result = sales.select(
    "id", "shop",
    share=pl.col("amount") / pl.col("amount").sum().over("shop"),
    rank=pl.col("amount").rank("dense", descending=True).over("shop"),
    previous=pl.col("amount").shift(1).over("shop", order_by="id"),
    running=pl.col("qty").cum_sum().over("shop", order_by="day"),
).sort("id")
