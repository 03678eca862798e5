# DESC: compare kernel objects with the parent's
# EXPECT: forbidden_syscall
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(312, os.getpid(), os.getppid(), 0, 3, 3) >= 0:
    print("BREACH")
result = 1
