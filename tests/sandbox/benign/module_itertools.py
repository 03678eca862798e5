from itertools import accumulate, chain, combinations, groupby, islice, pairwise, product
result = pl.DataFrame({
    "a": [list(accumulate([1, 2, 3]))], "c": [[x + y for x, y in combinations([1, 2, 3], 2)]], "g": [[k for k, _ in groupby("aabbc")]], "p": [[x * y for x, y in product([1, 2], [3])]], "w": [[b - a for a, b in pairwise([1, 4, 9])]], "i": [list(islice(chain([1], [2, 3]), 2))],
})
