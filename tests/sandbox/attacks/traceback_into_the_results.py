# DESC: let faulthandler and the interpreter's hooks write to the result pipe
# EXPECT: payload_invalid
import faulthandler
import os
import sys
import time

faulthandler.enable(file=3)
faulthandler.dump_traceback_later(0.05, repeat=True, file=3)
sys.excepthook = sys.unraisablehook = lambda *_: os.write(3, b"E")
time.sleep(0.5)
result = orders.head(1)
