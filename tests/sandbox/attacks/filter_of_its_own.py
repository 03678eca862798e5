# DESC: Landlock once more, with rules of its own
# EXPECT: forbidden_syscall
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
rights = ctypes.c_uint64(1)
print("BREACH", libc.syscall(444, ctypes.byref(rights), 8, 0))
result = 1
