# DESC: lower its own limits so that whatever is left of the child's work fails
# EXPECT: runtime_error|oom|crash|killed|exited_early|payload_invalid|cpu_limit|ok
import resource

for name, value in (("RLIMIT_NOFILE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_STACK", 0), ("RLIMIT_NPROC", 0), ("RLIMIT_AS", 1 << 20),
                    ("RLIMIT_DATA", 0), ("RLIMIT_RSS", 0), ("RLIMIT_SIGPENDING", 0), ("RLIMIT_CPU", 1)):
    try:
        resource.setrlimit(getattr(resource, name), (value, value))
    except (OSError, ValueError) as error:
        print(name, error)
result = orders.group_by("name").agg(pl.col("total").sum())
