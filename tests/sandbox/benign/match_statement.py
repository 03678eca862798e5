def kind(value):
    match value:
        case {"a": int(x), **rest} if x > 1:
            return f"a={x} {len(rest)}"
        case [first, *others]:
            return f"list of {1 + len(others)}"
        case str() | bytes():
            return "text"
        case None:
            return "none"
        case _:
            return "other"
result = pl.DataFrame({"k": [kind(v) for v in ({"a": 2, "b": 1}, [1, 2], "x", None, 3.5)]})
