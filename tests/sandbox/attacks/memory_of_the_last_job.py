# DESC: search all of its own memory, files and environment for what the job before left there
# EXPECT: ok|runtime_error
# BEFORE: plant_everywhere
import ctypes
import os
import re

needle = re.compile(rb"PLANTED-[0-9a-f]{16}")  # does not match itself
searched = 0
for line in open("/proc/self/maps"):
    span, rights, *_ = line.split()
    if rights[0] != "r" or "[vvar" in line or "[vsyscall]" in line:
        continue
    start, end = (int(number, 16) for number in span.split("-"))
    for at in range(start, end, 1 << 22):
        piece = ctypes.string_at(at, min(1 << 22, end - at))
        searched += len(piece)
        found = needle.search(piece)
        if found:
            print("BREACH in", line.strip(), bytes(found[0][:10]))
for key, value in os.environ.items():
    if "PLANTED" in key or "PLANTED" in value:
        print("BREACH environment", key)
if hasattr(pl, "planted"):
    print("BREACH module")
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", os.path.expanduser("~")):
    try:
        data = open(os.path.join(folder, "planted"), "rb").read()
    except OSError:
        continue
    print("BREACH file in", folder, data[:10])
assert searched > 10_000_000, searched
if orders["total"].sum() != sum(float(i % 97) for i in range(20_000)):
    print("BREACH table")
result = orders.head(1)
