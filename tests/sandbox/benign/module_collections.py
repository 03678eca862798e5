from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
counts = Counter(sales["item"].to_list())
groups = defaultdict(list)
for row in sales.head(10).iter_rows(named=True):
    groups[row["size"]].append(row["id"])
last = deque(range(10), maxlen=3)
Point = namedtuple("Point", "x y")
result = pl.DataFrame({"top": [counts.most_common(1)[0][1]], "groups": [sum(map(len, groups.values()))], "last": [list(last)], "p": [Point(1, 2)._asdict()], "o": [list(OrderedDict(a=1))]})
