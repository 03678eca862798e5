import gc, weakref
class Node: pass
n = Node()
r = weakref.ref(n)
alive = r() is n
del n
gc.collect()
result = pl.DataFrame({"alive": [alive, r() is not None]})
