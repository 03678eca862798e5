# DESC: output and results filled to just below their limits, then silence
# EXPECT: timeout
import os
import struct
import threading
import time


def fill(descriptor, total):
    try:
        while total > 0:
            total -= os.write(descriptor, b"x" * min(total, 1 << 16))
    except OSError:
        pass


os.write(3, b"D" + struct.pack("<Q", 60 << 20))
for descriptor, total in ((1, (1 << 20) - 1), (2, (1 << 20) - 1), (3, (60 << 20) - 1)):
    threading.Thread(target=fill, args=(descriptor, total), daemon=True).start()
while True:
    time.sleep(60)
