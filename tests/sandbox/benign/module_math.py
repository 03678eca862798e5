import math
result = pl.DataFrame({"x": [math.pi, math.factorial(10), math.gcd(12, 18), math.isqrt(50), math.comb(5, 2), math.hypot(3, 4)]}, strict=False)
