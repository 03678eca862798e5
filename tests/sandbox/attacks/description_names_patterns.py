# DESC: a description of the result whose column names are patterns, huge, or not text
# EXPECT: ok|payload_invalid
import io
import json
import os
import struct

buffer = io.BytesIO()
orders.head(2).write_ipc_stream(buffer)
wide = {"^.*$": "Int128", "*": "UInt128", "missing": "Int128", "id": "Int128", "\u0000": "Int128"}
parts = [
    (b"M", json.dumps({"kind": ["frame"], "wide_integers": wide, "status": "zygote_lost"}).encode()),
    (b"D", buffer.getvalue()),
    (b"Z", b""),
]
os.write(3, b"".join(tag + struct.pack("<Q", len(body)) + body for tag, body in parts))
os._exit(0)
