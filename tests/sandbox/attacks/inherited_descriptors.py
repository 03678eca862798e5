# DESC: find every inherited descriptor, read and write each: tables, control pipes, other jobs'
# EXPECT: ok|payload_invalid
import fcntl
import os

found = {}
for descriptor in range(4096):
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        continue
    try:
        where = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError as error:
        where = str(error)
    found[descriptor] = (oct(mode), where, fcntl.fcntl(descriptor, fcntl.F_GETFL) & 3)
print(found)
for descriptor, (mode, where, access) in found.items():
    if descriptor > 3 and not where.startswith("anon_inode:[event"):  # the engine's own
        print("BREACH descriptor", descriptor, mode, where)
    elif descriptor == 0 and not where.startswith("/dev/null"):
        print("BREACH input", mode, where)
    elif descriptor in (1, 2, 3) and access != os.O_WRONLY:
        print("BREACH can be read:", descriptor, where, access)
for descriptor in (3, *[d for d in found if d > 3 and "[event" not in found[d][1]]):
    os.set_blocking(descriptor, False)
    for step in (lambda: os.read(descriptor, 1 << 16), lambda: os.pread(descriptor, 64, 0)):
        try:
            print("BREACH read", descriptor, step())
        except OSError:
            continue
    os.set_blocking(descriptor, True)
result = orders.head(1)
