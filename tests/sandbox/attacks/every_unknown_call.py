# DESC: call numbers beyond and between the known ones, odd upper halves of a call's arguments
# EXPECT: ok|runtime_error
import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for number in (*range(337, 424), *range(472, 1024), 0x3FFFFFFF):
    ctypes.set_errno(0)
    if libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("BREACH", number, ctypes.get_errno())
high = 1 << 32
for name, call in {
    "kill the first": (62, high | 1, 0),
    "kill all": (62, high | 0xFFFFFFFF, 0),
    "kill the parent": (62, high | os.getppid(), 0),
    "prlimit of the first": (302, high | 1, 9, None, ctypes.create_string_buffer(16)),
    "prctl dumpable": (157, high | 4, 1),
    "terminal input": (16, 0, high | 0x5412, b"x"),
    "owner of signals": (72, 3, high | 8, 1),
    "a process": (56, high | 17, 0, 0, 0, 0),
    "a namespace": (56, high | 0x10000000, 0, 0, 0, 0),
}.items():
    if libc.syscall(*(ctypes.c_long(a) if isinstance(a, int) else a for a in call)) >= 0:
        print("BREACH", name)
result = orders.head(1)
