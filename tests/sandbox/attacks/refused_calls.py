# DESC: every system call by which a program could reach, keep, signal, name or slow another
# EXPECT: ok|runtime_error
import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
calls = {
    "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66, "semtimedop": 220,
    "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "mq_open": 240, "mq_unlink": 241, "mq_notify": 244,
    "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "recvmsg": 47, "bind": 49, "listen": 50,
    "socketpair": 53, "setsockopt": 54, "accept4": 288, "recvmmsg": 299, "sendmmsg": 307,
    "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "memfd_create": 319, "memfd_secret": 447,
    "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "timer_create": 222, "timer_settime": 223, "timer_delete": 226, "signalfd": 282, "signalfd4": 289,
    "setpgid": 109, "setsid": 112, "vhangup": 153, "setpriority": 141, "ioprio_set": 251, "ioprio_get": 252,
    "sched_setparam": 142, "sched_setscheduler": 144, "sched_setaffinity": 203, "sched_setattr": 314,
    "setrlimit": 160, "personality": 135, "seccomp": 317,
    "mlock": 149, "mlock2": 325, "mlockall": 151, "munlockall": 152, "remap_file_pages": 216, "mbind": 237,
    "set_mempolicy": 238, "set_mempolicy_home_node": 450, "migrate_pages": 256, "move_pages": 279,
    "pkey_alloc": 330, "pkey_mprotect": 329, "process_mrelease": 448, "map_shadow_stack": 453,
    "inotify_init": 253, "inotify_init1": 294, "inotify_add_watch": 254, "fanotify_mark": 301,
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
    "link": 86, "linkat": 265, "mknod": 133, "mknodat": 259, "truncate": 76, "utime": 132, "utimes": 235, "utimensat": 280,
    "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "setxattrat": 463, "file_setattr": 469,
    "setuid": 105, "setgid": 106, "setreuid": 113, "setresuid": 117, "setresgid": 119, "setgroups": 116, "setfsuid": 122,
    "setfsgid": 123, "capset": 126, "capget": 125, "sync": 162, "syncfs": 306, "sync_file_range": 277,
    "vmsplice": 278, "tee": 276, "syslog": 103, "sysfs": 139, "ustat": 136, "uselib": 134, "nfsservctl": 180,
    "getpmsg": 181, "lookup_dcookie": 212, "io_setup": 206, "io_submit": 209, "io_getevents": 208, "io_pgetevents": 333,
    "listmount": 458, "statmount": 457, "lsm_set_self_attr": 460, "lsm_list_modules": 461, "rseq_slice_yield": 471,
    "mseal": 462, "listns": 470,
}
for name, number in calls.items():
    for arguments in ((0, 0, 0, 0, 0, 0), (-1, -1, -1, -1, -1, -1)):
        ctypes.set_errno(0)
        said = libc.syscall(number, *map(ctypes.c_long, arguments))
        if said != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            print("BREACH", name, number, said, ctypes.get_errno())
result = orders.head(1)
