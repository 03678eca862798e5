import bisect, copy, heapq, operator
data = [5, 1, 4]
deep = copy.deepcopy({"a": data})
heapq.heapify(data)
result = pl.DataFrame({"heap": [heapq.nsmallest(2, data)], "at": [bisect.bisect([1, 3, 5], 4)], "item": [operator.itemgetter("a")(deep)], "sum": [operator.add(1, 2)]})
