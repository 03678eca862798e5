# DESC: leaves a token wherever something could outlive it: code, memory, tables, files, names
# EXPECT: ok
import ctypes
import os
import sys

CODE = "PLANTED-0123456789abcdef"
token = b"PLANTED-" + os.urandom(8).hex().encode()
kept = [token + bytes([i % 256]) for i in range(5000)]
buffer = ctypes.create_string_buffer(token * 10_000)
frame = pl.DataFrame({"s": [token.decode()] * 1000}).with_columns(pl.col("s") + "!")
os.environ["PLANTED"] = token.decode()
sys.modules["planted"] = sys
pl.planted = token
for name, table in (("orders", orders), ("customers", customers)):
    for column in table.get_columns():
        for part in column.to_arrow().buffers():
            if part is not None and part.size >= len(token):
                ctypes.memmove(part.address, token, len(token))
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", os.path.expanduser("~")):
    try:
        with open(os.path.join(folder, "planted"), "wb") as file:
            file.write(token)
    except OSError:
        pass
libc = ctypes.CDLL(None)
libc.setenv(b"PLANTED_C", token, 1)
libc.prctl(15, token[:15], 0, 0, 0)
result = 1
