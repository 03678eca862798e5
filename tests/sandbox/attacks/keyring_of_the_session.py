# DESC: leave a key in the keyrings that all programs of a user share
# EXPECT: forbidden_syscall
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for keyring in (-4, -5, -3):  # the user's, the user session's, the session's
    if libc.syscall(248, b"user", b"channel", b"secret", 6, keyring) >= 0:
        print("BREACH", keyring)
result = 1
