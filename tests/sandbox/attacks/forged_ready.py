# DESC: say READY again, to have the clocks start anew
# EXPECT: payload_invalid
import os
import time

os.write(3, b"R" + bytes(8))
time.sleep(60)
