# DESC: a whole result, then an exit that races with whoever looks at the process
# EXPECT: ok|payload_invalid
import ctypes
import io
import os
import struct

buffer = io.BytesIO()
orders.head(2).write_ipc_stream(buffer)
data = buffer.getvalue()
message = b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8)
libc = ctypes.CDLL(None)
libc.write(3, message, len(message))
libc._exit(42)
