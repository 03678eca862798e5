import threading
found, lock = [], threading.Lock()
def work(n):
    with lock:
        found.append(n * n)
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for t in threads: t.start()
for t in threads: t.join()
result = sorted(found)[-1]
