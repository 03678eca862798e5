# DESC: claim an infrastructure failure, so that the run is not charged to the model
# EXPECT: payload_invalid
import json
import os
import struct

b = json.dumps({"status": "setup_failed", "error_class": None, "message": "x", "line": None}).encode()
os.write(3, b"E" + struct.pack("<Q", len(b)) + b + b"Z" + bytes(8))
os._exit(0)
