from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    sums = list(pool.map(lambda n: sales.filter(pl.col("qty") == n)["amount"].sum(), range(5)))
result = pl.DataFrame({"s": sums})
