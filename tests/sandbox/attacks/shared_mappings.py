# DESC: make every mapping writable and overwrite the tables wherever they are mapped, shared or not
# EXPECT: ok|runtime_error|crash|exited_early
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
addresses = set()
for table in (orders, customers):
    for column in table.get_columns():
        for part in column.to_arrow().buffers():
            if part is not None:
                addresses.add((part.address, part.size))
for line in open("/proc/self/maps").read().splitlines():
    span, rights, *rest = line.split()
    start, end = (int(number, 16) for number in span.split("-"))
    shared = rights[3] == "s"
    holds_table = any(start <= address < end for address, _ in addresses)
    if not shared and not holds_table:
        continue
    if libc.mprotect(start, end - start, 3) != 0:
        print("deny", line, ctypes.get_errno())
        continue
    if shared:
        print("BREACH shared and writable:", line)
        ctypes.memset(start, 0x41, end - start)
for address, size in addresses:
    ctypes.memset(address, 0x41, size)
import os

os._exit(0) if orders["total"][0] == 0.0 else None
result = 1
