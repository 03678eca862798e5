# DESC: a hard limit of one second of CPU time, whose signal cannot be told from another's
# EXPECT: runtime_error|cpu_limit|killed|timeout
import resource

resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
while True:
    pass
