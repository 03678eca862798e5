s = pl.Series("a", [1, 2, 3])
s[1] = 20
result = s.set(s > 10, 0).append(pl.Series([9])).scatter([0], [5])
