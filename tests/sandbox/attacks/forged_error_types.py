# DESC: an error whose every field is of a type that nobody expects
# EXPECT: payload_invalid
import json
import os
import struct

b = json.dumps({"status": ["runtime_error"], "error_class": {}, "message": 1e999, "line": "1"}).encode()
os.write(3, b"E" + struct.pack("<Q", len(b)) + b + b"Z" + bytes(8))
os._exit(0)
