# DESC: process_vm_readv from the parent, where other jobs and their tables come from
# EXPECT: forbidden_syscall
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(4096)
local = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 4096)
start = int(open("/proc/self/maps").readline().split("-")[0], 16)
remote = (ctypes.c_uint64 * 2)(start, 4096)
for pid in (os.getppid(), 1, 2, os.getpid() - 1, os.getpid() + 1):
    if libc.process_vm_readv(pid, local, 1, remote, 1, 0) > 0:
        print("BREACH", pid)
result = 1
