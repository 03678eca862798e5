# DESC: hold memory where no limit counts it: pipes of the largest size, beside a neighbour
# EXPECT: ok|runtime_error
# BESIDE: needs_threads_and_pipes
import fcntl
import os
import time

held = 0
try:
    while True:
        _, write = os.pipe()
        for size in (1 << 20, 1 << 16):
            try:
                fcntl.fcntl(write, 1031, size)
                break
            except OSError:
                continue
        os.set_blocking(write, False)
        try:
            while True:
                held += os.write(write, b"x" * 65536)
        except BlockingIOError:
            pass
except OSError as error:
    print(error)
print(held >> 20, "MB held")
if held > 300 << 20:
    print("BREACH", held)
time.sleep(0.7)
result = orders.head(1)
