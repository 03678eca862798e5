# DESC: a right-looking result, then a thread that sends another one after it
# EXPECT: ok|payload_invalid
import io
import os
import struct
import threading

b = io.BytesIO()
orders.head(2).write_ipc_stream(b)
b = b.getvalue()


def flood():
    while True:
        os.write(3, b"D" + struct.pack("<Q", len(b)) + b)


threading.Thread(target=flood, daemon=True).start()
result = orders.head(1)
