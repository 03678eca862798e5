# DESC: eight threads write frames into one another, until the end
# EXPECT: payload_invalid
import os
import struct
import threading
import time


def write(tag):
    for _ in range(2000):
        os.write(3, tag + struct.pack("<Q", 40_000))
        os.write(3, tag * 40_000)


for tag in (b"D", b"M", b"E", b"Z", b"R", b"C", b"D", b"M"):
    threading.Thread(target=write, args=(tag,), daemon=True).start()
time.sleep(1)
result = orders.head(1)
