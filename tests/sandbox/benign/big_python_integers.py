result = pl.DataFrame({"digits": [len(str(2**4000))], "mod": [pow(3, 10**9, 1000007)]})
