from pprint import pformat, pprint
pprint({"b": [1, 2], "a": {"c": 3}})
result = pformat(list(range(3)))
