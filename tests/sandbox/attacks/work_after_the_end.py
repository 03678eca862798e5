# DESC: a whole result and its end, while threads that it leaves behind go on and on
# EXPECT: ok|payload_invalid
import io
import os
import struct
import threading
import time

keep = []


def burn():
    while True:
        sum(range(10_000))


def reach():
    while True:
        for path in ("@ROOT@/gold/gold.csv", "/etc/passwd", "/proc/1/environ"):
            try:
                os.write(1, b"\nBREACH " + open(path, "rb").read())
            except OSError:
                pass
        try:
            if os.fork() == 0:
                os.write(1, b"\nBREACH fork")
                os._exit(0)
        except OSError:
            pass


def grow():
    while True:
        try:
            keep.append(bytearray(1 << 22))
        except MemoryError:
            time.sleep(0.01)


def speak():
    while True:
        os.write(3, b"M" + struct.pack("<Q", 2) + b"{}")


buffer = io.BytesIO()
orders.head(2).write_ipc_stream(buffer)
data = buffer.getvalue()
os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
for work in (burn, burn, reach, grow, speak):
    threading.Thread(target=work).start()
while True:
    time.sleep(1)
