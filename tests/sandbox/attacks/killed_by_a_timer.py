# DESC: have the kernel kill or stop it, so that its end looks like someone else's doing
# EXPECT: ok|runtime_error
import ctypes
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for number in (19, 9):
    event = ctypes.create_string_buffer(64)
    ctypes.c_int.from_buffer(event, 8).value = number
    ctypes.c_int.from_buffer(event, 12).value = 0  # SIGEV_SIGNAL
    timer = ctypes.c_int()
    if libc.syscall(222, 1, event, ctypes.byref(timer)) == 0:
        print("BREACH timer for signal", number)
        soon = (ctypes.c_long * 4)(0, 0, 0, 1_000_000)
        libc.syscall(223, timer, 0, soon, None)
time.sleep(0.1)
result = orders.head(1)
