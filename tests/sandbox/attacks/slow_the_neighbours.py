# DESC: take the processors and the disk for itself: priorities, pinning, real time, barriers, syncs
# EXPECT: ok|runtime_error|oom|crash|timeout
# BESIDE: needs_threads_and_pipes
import ctypes
import os
import threading
import time

ways = {
    "nice": lambda: os.nice(-20) and None,
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    "priority of a user": lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    "pin the parent": lambda: os.sched_setaffinity(os.getppid(), {0}),
    "pin itself": lambda: os.sched_setaffinity(0, {0}),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "idle parent": lambda: os.sched_setscheduler(os.getppid(), os.SCHED_IDLE, os.sched_param(0)),
    "sync": lambda: ctypes.CDLL(None).syncfs(1) == 0 or 1 / 0,
}
for name, way in ways.items():
    try:
        way()
    except (OSError, ZeroDivisionError) as error:
        print("deny", name, error)
        continue
    print("BREACH", name)
libc = ctypes.CDLL(None)
until = time.monotonic() + 1


def disturb():
    while time.monotonic() < until:
        libc.syscall(324, 1, 0, 0)  # membarrier
        orders.join(orders, on="name").head(1)


for _ in range(2):
    threading.Thread(target=disturb, daemon=True).start()
time.sleep(0.8)
result = orders.head(1)
