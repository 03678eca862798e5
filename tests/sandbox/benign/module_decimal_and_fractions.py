from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction
getcontext().prec = 28
result = pl.DataFrame({"d": [Decimal("2.675").quantize(Decimal("0.01"), ROUND_HALF_UP)], "f": [str(Fraction(1, 3) + Fraction(1, 6))]})
