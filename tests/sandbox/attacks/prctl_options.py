# DESC: every prctl option, to be dumpable, traced, a reaper, deaf to the parent's death, privileged
# EXPECT: ok|runtime_error
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
harmless = {3, 15, 16}  # PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME
options = {*range(1, 90), 0x59616D61, 0x41555856, *range(1000, 1010)} - harmless
name = ctypes.create_string_buffer(4096)
for option in sorted(options):
    for arguments in ((0, 0, 0, 0), (1, 0, 0, 0), (ctypes.addressof(name), 0, 0, 0), (2, 1, 0, 0), (-1, 0, 0, 0)):
        ctypes.set_errno(0)
        if libc.prctl(option, *map(ctypes.c_ulong, arguments)) != -1:
            print("BREACH", option, arguments)
if libc.prctl(3, 0, 0, 0, 0) == 1:
    print("BREACH it is dumpable")
result = orders.head(1)
