# DESC: a valid result, a byte at a time, so that the supervisor is always about to be done
# EXPECT: timeout
import io
import os
import struct
import time

buffer = io.BytesIO()
orders.head(200).write_ipc_stream(buffer)
data = buffer.getvalue()
for byte in b"M" + struct.pack("<Q", 2) + b"{}" + b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8):
    os.write(3, bytes([byte]))
    time.sleep(0.01)
