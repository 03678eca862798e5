# DESC: an honest neighbour that starts threads, prints, and gives a result of some size, all late
# EXPECT: ok
import threading
import time

time.sleep(1.0)
seen = []
workers = [threading.Thread(target=lambda: seen.append(sum(range(1000)))) for _ in range(6)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
assert len(seen) == 6
print("x" * 200_000)
result = pl.concat([orders] * 4).with_columns(pl.col("name") + "!")
