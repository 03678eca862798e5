# DESC: clone flags that pass for a thread and ask for more: namespaces, a process in disguise
# EXPECT: ok|runtime_error
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
THREAD, VM, SIGHAND = 0x10000, 0x100, 0x800
thread = THREAD | VM | SIGHAND
wanted = {
    "a user namespace": thread | 0x10000000,
    "a mount namespace": thread | 0x20000 | 0x200,
    "a process namespace": thread | 0x20000000,
    "memory of its own": THREAD | SIGHAND,
    "signals of its own": THREAD | VM,
    "a process": 17,
    "a process that shares memory": VM | 0x4000 | 17,
    "a sibling": 0x8000 | 17,
    "a process that is not told of": 0,
}
for name, flags in wanted.items():
    said = libc.syscall(56, ctypes.c_ulong(flags), 0, 0, 0, 0)
    if said == 0:
        os.write(1, b"\nBREACH in " + name.encode() + b"\n")
        os._exit(0)
    if said > 0:
        print("BREACH", name)
result = orders.head(1)
