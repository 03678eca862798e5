from decimal import Decimal
x = pl.DataFrame({"a": [Decimal("1.10"), Decimal("-2.25"), None]})
result = x.with_columns(twice=pl.col("a") * 2, sum=pl.col("a").sum(), wide=pl.col("a").cast(pl.Decimal(38, 10)), text=pl.col("a").cast(pl.String))
