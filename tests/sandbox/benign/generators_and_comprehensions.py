def evens(n):
    for i in range(n):
        if i % 2 == 0:
            yield i
squares = {i: i * i for i in evens(6)}
result = pl.DataFrame({"k": list(squares), "v": [*squares.values()], "s": [len({x % 3 for x in squares})] * 3})
