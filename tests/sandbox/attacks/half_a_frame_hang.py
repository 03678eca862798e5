# DESC: the first half of a frame, then nothing, with every signal blocked
# EXPECT: timeout
import os
import signal
import struct
import time

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.write(3, b"D" + struct.pack("<Q", 1000) + b"x" * 500)
while True:
    time.sleep(60)
