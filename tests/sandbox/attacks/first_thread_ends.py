# DESC: end the thread by which the process is known, and go on from another: memory, threads, files
# EXPECT: ok|oom|exited_early|timeout
import ctypes
import io
import os
import struct
import threading
import time

libc = ctypes.CDLL(None)


def work():
    time.sleep(0.05)
    for path in ("@ROOT@/gold/gold.csv", "/etc/passwd", "/proc/1/environ"):
        try:
            os.write(1, b"\nBREACH " + open(path, "rb").read())
        except OSError:
            pass
    held = bytearray(100 << 20)
    held[::4096] = bytes(len(held[::4096]))
    buffer = io.BytesIO()
    orders.head(1).write_ipc_stream(buffer)
    data = buffer.getvalue()
    os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
    while True:
        time.sleep(60)


threading.Thread(target=work).start()
libc.syscall(60, 0)
