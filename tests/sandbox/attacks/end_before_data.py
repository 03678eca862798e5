# DESC: an end, and only then a result
# EXPECT: payload_invalid
import io
import os
import struct

buffer = io.BytesIO()
orders.head(2).write_ipc_stream(buffer)
data = buffer.getvalue()
os.write(3, b"Z" + bytes(8) + b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
os._exit(0)
