# DESC: signal everyone, the group, the parent, the first process and each neighbour, by every call
# EXPECT: ok|runtime_error
# BESIDE: secret_in_scratch
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
me, parent = os.getpid(), os.getppid()
info = ctypes.create_string_buffer(128)
ctypes.c_int.from_buffer(info, 8).value = -1  # SI_QUEUE
pids = [-1, 0, 1, 2, 3, parent, -parent, -me, -os.getpgrp(), -os.getsid(0), *range(me - 30, me), *range(me + 1, me + 30)]
for pid in set(pids) - {me}:
    for number in (0, 9, 15, 19, 10):
        calls = {
            "kill": (62, pid, number),
            "tkill": (200, pid, number),
            "tgkill": (234, pid, pid, number),
            "rt_sigqueueinfo": (129, pid, number, info),
            "rt_tgsigqueueinfo": (297, pid, pid, number, info),
        }
        for name, call in calls.items():
            if libc.syscall(*call) == 0:
                print("BREACH", name, pid, number)
for name in ("killpg", "kill"):
    try:
        getattr(os, name)(os.getpgrp(), 0)
    except OSError:
        continue
    print("BREACH" if name == "killpg" or os.getpgrp() != me else "own", name)
result = orders.head(1)
