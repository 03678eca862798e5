# DESC: leaves a mark in every descriptor: counters, offsets, flags, locks
# EXPECT: ok|payload_invalid
import fcntl
import os

for descriptor in range(4096):
    try:
        where = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        continue
    steps = [
        lambda: fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK | os.O_DIRECT),
        lambda: os.lseek(descriptor, 4711, os.SEEK_SET),
        lambda: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB),
    ]
    if "[eventfd]" in where:
        steps.append(lambda: os.eventfd_write(descriptor, 0x0BADCAFE))
    for step in steps if descriptor not in (1, 2, 3) else ():
        try:
            step()
        except OSError:
            continue
result = 1
