# DESC: new processes and programs by every way of Python and the C library, memfd and /proc included
# EXPECT: ok|runtime_error
import ctypes
import multiprocessing
import os
import subprocess
import sys

python = sys.executable or "/usr/bin/python3"
os.register_at_fork(before=lambda: print("before"), after_in_child=lambda: os.write(1, b"\nBREACH forked\n"))
libc = ctypes.CDLL(None, use_errno=True)
libc.popen.restype = ctypes.c_void_p
loader = next((line.split()[-1] for line in open("/proc/self/maps") if "/ld-linux" in line), "/lib64/ld-linux-x86-64.so.2")


def memory_file():
    descriptor = os.memfd_create("x")
    print("BREACH memfd")
    os.write(descriptor, open(python, "rb").read())
    os.execve(descriptor, ["x"], {})


ways = {
    "fork": lambda: os.fork() or os._exit(0),
    "forkpty": lambda: os.forkpty(),
    "vfork": lambda: libc.vfork(),
    "posix_spawn": lambda: os.posix_spawn(python, [python, "-c", "1"], {}),
    "subprocess": lambda: subprocess.run([python, "-c", "1"]),
    "shell": lambda: os.system("echo BREACH") and 1 / 0,
    "popen": lambda: libc.popen(b"echo BREACH", b"r") or 1 / 0,
    "multiprocessing": lambda: multiprocessing.get_context("fork").Process(target=print).start(),
    "spawned": lambda: multiprocessing.get_context("spawn").Process(target=print).start(),
    "exec": lambda: os.execv(python, [python, "-c", "print('BREACH')"]),
    "exec of itself": lambda: os.execv("/proc/self/exe", ["x", "-c", "print('BREACH')"]),
    "exec by the loader": lambda: os.execv(loader, [loader, python, "-c", "print('BREACH')"]),
    "memory file": memory_file,
    "exec by descriptor": lambda: os.execve(os.open(python, os.O_RDONLY), ["x", "-c", "print('BREACH')"], {}),
}
for name, way in ways.items():
    try:
        said = way()
    except BaseException as error:
        print("deny", name, type(error).__name__)
        continue
    if not (name == "vfork" and said == -1):
        print("BREACH", name, said)
result = orders.head(1)
