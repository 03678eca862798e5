# DESC: everything that Python runs late: __del__, atexit, finalizers, gc, non-daemon threads
# EXPECT: ok|runtime_error|payload_invalid|timeout|exited_early
import atexit
import gc
import os
import struct
import sys
import threading
import time
import weakref


def strike(*_):
    os.write(3, b"E" + struct.pack("<Q", 24) + b'{"status":"zygote_lost"}')
    os.write(1, b"\nlate\n")
    os._exit(0)


class Late:
    def __del__(self):
        strike()


cycle = Late()
cycle.self = cycle
del cycle
kept = Late()
atexit.register(strike)
gc.callbacks.append(lambda phase, info: None)
finalized = type("Finalized", (), {})()
weakref.finalize(finalized, strike)
sys.excepthook = sys.unraisablehook = sys.displayhook = strike
threading.excepthook = strike
threading.Thread(target=lambda: (time.sleep(0.02), strike())).start()
result = orders.head(1)
