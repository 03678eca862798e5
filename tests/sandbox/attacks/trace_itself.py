# DESC: PTRACE_TRACEME, to be the parent's business
# EXPECT: forbidden_syscall
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
print("BREACH", libc.ptrace(0, 0, 0, 0))
result = 1
