# DESC: every signal blocked and ignored, every descriptor closed, four threads that burn for ever
# EXPECT: timeout|cpu_limit|killed
import ctypes
import os
import signal
import threading

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
libc = ctypes.CDLL(None)
buffer = ctypes.create_string_buffer(1 << 20)


def burn():
    while True:
        libc.memset(buffer, 1, len(buffer))  # without the interpreter's lock


for _ in range(3):
    threading.Thread(target=burn).start()
os.closerange(0, 4096)
burn()
