from datetime import date, datetime, time, timedelta
from decimal import Decimal
result = pl.select(
    i=pl.lit(1), f=pl.lit(1.5), s=pl.lit("a"), b=pl.lit(True), n=pl.lit(None), d=pl.lit(date(2024, 1, 2)), t=pl.lit(datetime(2024, 1, 2, 3)),
    c=pl.lit(time(1, 2)), u=pl.lit(timedelta(hours=5)), l=pl.lit([1, 2]), x=pl.lit(b"\x00\x01"), e=pl.lit(Decimal("1.25")), small=pl.lit(3, dtype=pl.Int8),
)
