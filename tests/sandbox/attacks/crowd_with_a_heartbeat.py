# DESC: four hundred threads of a program that is never silent and whose first thread has ended
# EXPECT: oom|exited_early
# BESIDE: needs_threads_and_pipes
import ctypes
import os
import threading
import time

libc = ctypes.CDLL(None)
attributes, thread = ctypes.create_string_buffer(128), ctypes.c_ulong()
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(32768))


def work():
    for _ in range(400):
        if libc.pthread_create(ctypes.byref(thread), attributes, libc.pause, None) != 0:
            os._exit(9)
    while True:
        os.write(1, b".")
        time.sleep(0.02)


threading.Thread(target=work).start()
libc.syscall(60, 0)
