# DESC: get more memory than is allowed, by every way of mapping, growing, moving and locking it
# EXPECT: exited_early|runtime_error|oom|crash
import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = libc.sbrk.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
FAILED = ctypes.c_void_p(-1).value
SHARED, PRIVATE, ANONYMOUS, GROWSDOWN, NORESERVE, POPULATE, HUGETLB = 1, 2, 0x20, 0x100, 0x4000, 0x8000, 0x40000
piece = 64 << 20
for flags in (PRIVATE, SHARED, PRIVATE | NORESERVE, PRIVATE | GROWSDOWN, PRIVATE | POPULATE, PRIVATE | HUGETLB, SHARED | HUGETLB):
    for _ in range(40):
        at = libc.mmap(None, piece, 3, flags | ANONYMOUS, -1, 0)
        if at == FAILED:
            break
        if not flags & HUGETLB:
            ctypes.memset(at, 1, piece)
zero = os.open("/dev/zero", os.O_RDONLY)
while libc.mmap(None, piece, 3, PRIVATE, zero, 0) != FAILED:
    pass
while libc.sbrk(piece) != FAILED:
    pass
kept = [libc.malloc(1 << 16) for _ in range(100)]
try:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))
    print("BREACH limit raised")
except (OSError, ValueError):
    pass
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
resident = int(status["VmRSS"].split()[0]) << 10
print(resident >> 20, "MB resident")
if resident > (512 << 20) + (500 << 20):
    print("BREACH memory")
os._exit(3)
