# DESC: open anything in /proc of any process but itself: parent, first, siblings
# EXPECT: ok|runtime_error
# BESIDE: secret_in_scratch
import os

me = os.getpid()
files = ("mem", "maps", "environ", "cmdline", "status", "stat", "auxv", "syscall", "stack", "io",
         "limits", "smaps", "numa_maps", "mountinfo", "pagemap", "wchan", "comm", "oom_score_adj")
links = ("root", "cwd", "exe", "fd", "ns", "task", "map_files", "fdinfo")
pids = {p for base in (me, os.getppid()) for p in range(max(1, base - 150), base + 150)}
pids |= set(range(1, 100))
pids -= {int(thread) for thread in os.listdir("/proc/self/task")}  # each has a name there
for pid in sorted(pids):
    for name in files:
        for flags in (os.O_RDONLY, os.O_WRONLY):
            try:
                os.close(os.open(f"/proc/{pid}/{name}", flags))
            except OSError:
                continue
            print("BREACH", pid, name, flags)
    for name in links:
        try:
            print("BREACH", pid, name, os.listdir(f"/proc/{pid}/{name}"))
        except OSError:
            continue
result = orders.head(1)
