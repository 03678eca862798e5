# DESC: system calls of the x32 kind, whose numbers the tables do not hold
# EXPECT: forbidden_syscall
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
print("BREACH", libc.syscall(ctypes.c_long(0x40000000 + 39)))
result = 1
