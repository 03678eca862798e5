# DESC: write to every file of its own in /proc, and to the machine's in /proc and /sys
# EXPECT: ok|runtime_error
import os

own = ("oom_score_adj", "oom_adj", "clear_refs", "coredump_filter", "comm", "uid_map", "gid_map", "projid_map",
       "setgroups", "timerslack_ns", "timens_offsets", "autogroup", "loginuid", "sessionid", "mem", "sched", "attr/current",
       "attr/exec", "attr/fscreate", "attr/keycreate", "make-it-fail", "latency", "patch_state", "ksm_merging_pages")
values = (b"0", b"5", b"-1000", b"1000", b"0 0 1", b"deny")
paths = [f"/proc/{base}/{name}" for base in ("self", "thread-self", str(os.getpid()), f"self/task/{os.getpid()}") for name in own]
paths += ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/ns_last_pid", "/proc/sysrq-trigger",
          "/proc/sys/user/max_user_namespaces", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/fs/cgroup/cgroup.procs",
          "/sys/fs/cgroup/cgroup.kill", "/sys/power/state", "/dev/kmsg", "/dev/mem", "/dev/tty", "/dev/ptmx", "/dev/fuse",
          "/dev/zero", "/dev/random", "/dev/urandom", "/dev/full"]
for path in paths:
    for value in values:
        try:
            descriptor = os.open(path, os.O_WRONLY)
        except OSError:
            break
        try:
            os.write(descriptor, value)
        except OSError as error:
            print("opened", path, error)
            continue
        print("BREACH", path, value)
result = orders.head(1)
