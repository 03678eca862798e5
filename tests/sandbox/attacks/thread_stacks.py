# DESC: thousands of threads with the smallest stacks, by the C library too, beside a neighbour
# EXPECT: ok|runtime_error|oom|crash|timeout|killed
# BESIDE: needs_threads_and_pipes
import ctypes
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
attributes, thread = ctypes.create_string_buffer(128), ctypes.c_ulong()
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
started = 0
while started < 6000 and libc.pthread_create(ctypes.byref(thread), attributes, libc.pause, None) == 0:
    started += 1
threading.stack_size(32768)
try:
    while started < 8000:
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
print(started, "threads")
time.sleep(1)
result = orders.head(1)
