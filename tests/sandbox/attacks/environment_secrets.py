# DESC: look for the caller's environment wherever it could be
# EXPECT: ok|runtime_error
import ctypes
import os
import sys

print(dict(os.environ), sys.argv, sys.path)
for name in ("environ", "cmdline", "auxv", "maps", "mountinfo"):
    try:
        print(open(f"/proc/self/{name}", "rb").read())
    except OSError as e:
        print("deny", name, e)
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
print(libc.getenv(b"SB_SECRET"))
result = orders.head(1)
