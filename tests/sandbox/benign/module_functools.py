from functools import cache, lru_cache, partial, reduce
@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
result = pl.DataFrame({"f": [fib(60)], "r": [reduce(lambda a, b: a * b, range(1, 6))], "p": [partial(pow, 2)(10)]})
