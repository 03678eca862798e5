result = (
    sales.lazy().filter(pl.col("paid")).join(shops.lazy(), on="shop").group_by("city").agg(revenue=pl.col("amount").sum(), n=pl.len())
    .with_columns(share=pl.col("revenue") / pl.col("revenue").sum()).sort("revenue", descending=True).collect()
)
