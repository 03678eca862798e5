# DESC: frames that only the other side sends, and thousands of kinds that there are not
# EXPECT: payload_invalid
import os
import struct

for tag in (b"C", b"J", b"K", b"P", b"X", b"\x00", b"\xff"):
    os.write(3, tag + struct.pack("<Q", 3) + b"abc")
os._exit(0)
