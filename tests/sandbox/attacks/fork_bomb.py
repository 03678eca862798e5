# DESC: fork until it fails, by every way Python and libc have
# EXPECT: ok|runtime_error|killed
import ctypes
import os
import subprocess

n = 0
libc = ctypes.CDLL(None, use_errno=True)
for make in (os.fork, libc.vfork, lambda: libc.syscall(57), lambda: libc.syscall(56, 17, 0, 0, 0, 0)):
    for _ in range(50):
        try:
            pid = make()
        except OSError as e:
            print("deny", e)
            break
        if pid == 0:
            os._exit(0)
        if pid > 0:
            n += 1
            print("BREACH forked", pid)
try:
    subprocess.run(["/usr/bin/env"])
    print("BREACH ran a program")
except OSError as e:
    print("deny", e)
result = orders.head(1)
