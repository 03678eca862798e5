# DESC: a result and an error at once, in both orders, with a description between
# EXPECT: payload_invalid
import io
import json
import os
import struct

buffer = io.BytesIO()
orders.head(2).write_ipc_stream(buffer)
error = json.dumps({"status": "runtime_error", "error_class": "X", "message": "x", "line": 1}).encode()
parts = [(b"D", buffer.getvalue()), (b"M", b'{"kind": "frame"}'), (b"E", error), (b"Z", b"")]
os.write(3, b"".join(tag + struct.pack("<Q", len(body)) + body for tag, body in parts))
os._exit(0)
