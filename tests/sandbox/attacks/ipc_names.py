# DESC: objects with names that two programs could share: memory, semaphores, queues, fifos, sockets
# EXPECT: ok|runtime_error
import ctypes
import mmap
import multiprocessing
import os
import socket
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)


def c(name, *arguments):
    ctypes.set_errno(0)
    if getattr(libc, name)(*arguments) in (-1, 0):
        raise OSError(ctypes.get_errno(), name)


ways = {
    "shm_open": lambda: c("shm_open", b"/channel", os.O_RDWR | os.O_CREAT, 0o666),
    "sem_open": lambda: c("sem_open", b"/channel", os.O_CREAT, 0o666, 1),
    "mq_open": lambda: c("mq_open", b"/channel", os.O_RDWR | os.O_CREAT, 0o666, None),
    "shmget": lambda: c("shmget", 4711, 4096, 0o1666),
    "msgget": lambda: c("msgget", 4711, 0o1666),
    "semget": lambda: c("semget", 4711, 1, 0o1666),
    "shared_memory": lambda: shared_memory.SharedMemory("channel", create=True, size=4096),
    "lock": lambda: multiprocessing.Lock(),
    "fifo": lambda: os.mkfifo("/tmp/channel"),
    "abstract": lambda: socket.socket(socket.AF_UNIX).bind("\0channel"),
    "huge": lambda: open("/dev/hugepages/channel", "wb"),
    "a lock on a library": lambda: __import__("fcntl").flock(os.open("/proc/self/exe", os.O_RDWR), 2),
    "a device": lambda: mmap.mmap(os.open("/dev/mem", os.O_RDWR), 4096),
}
for name, way in ways.items():
    try:
        way()
    except (OSError, ImportError, ValueError) as error:
        print("deny", name, error)
        continue
    print("BREACH", name)
result = orders.head(1)
