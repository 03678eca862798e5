import queue, threading
q = queue.Queue()
threading.Thread(target=lambda: [q.put(i) for i in range(5)], daemon=True).start()
result = pl.DataFrame({"v": [q.get(timeout=5) for _ in range(5)]})
