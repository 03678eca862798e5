# DESC: take the parent's descriptors through a pidfd that /proc gives, and signal it through that
# EXPECT: forbidden_syscall
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for pid in (os.getppid(), 1, os.getpid()):
    try:
        folder = os.open(f"/proc/{pid}", os.O_DIRECTORY | os.O_PATH)
    except OSError:
        continue
    if libc.syscall(424, folder, 9, None, 0) == 0 and pid != os.getpid():
        print("BREACH signal", pid)
for target in range(32):
    if libc.syscall(438, 0, target, 0) >= 0:
        print("BREACH descriptor", target)
result = 1
