# DESC: ask the kernel for addresses, clocks, limits and groups of the parent and the neighbours
# EXPECT: ok|runtime_error
# BESIDE: secret_in_scratch
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
head, size = ctypes.c_void_p(), ctypes.c_size_t()
limits = ctypes.create_string_buffer(16)
mine = {int(name) for name in os.listdir("/proc/self/task")}
for pid in {1, 2, os.getppid(), *range(max(1, os.getpid() - 40), os.getpid() + 40)} - mine:
    if libc.syscall(274, pid, ctypes.byref(head), ctypes.byref(size)) == 0:
        print("BREACH robust list of", pid)
    if libc.syscall(302, pid, 9, None, limits) == 0:
        print("BREACH limits of", pid)
    for which in (1, 2, 3):
        if libc.syscall(251, which, pid, 0) == 0:
            print("BREACH io priority of", pid)
result = orders.head(1)
