# DESC: the first half of a frame, then the end of the process
# EXPECT: payload_invalid|exited_early
import os
import struct

os.write(3, b"D" + struct.pack("<Q", 1000) + b"x" * 500)
os._exit(0)
