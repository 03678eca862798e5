# DESC: hold memory in files of its own: sparse, mapped, deleted, sent from one to another
# EXPECT: ok|runtime_error|crash|killed|exited_early
import mmap
import os

total = 0
for number in range(300):
    try:
        descriptor = os.open(f"f{number}", os.O_RDWR | os.O_CREAT)
        os.unlink(f"f{number}")
        os.ftruncate(descriptor, 8 << 20)
        os.posix_fallocate(descriptor, 0, 8 << 20)
        total += 8 << 20
    except OSError as error:
        print(error)
        break
if total > 40 << 20:
    print("BREACH", total)
try:
    descriptor = os.open("sparse", os.O_RDWR | os.O_CREAT)
    os.ftruncate(descriptor, 30 << 20)
    area = mmap.mmap(descriptor, 30 << 20)
    for at in range(0, 30 << 20, 4096):
        area[at] = 1  # SIGBUS where the folder is full
except (OSError, ValueError) as error:
    print(error)
result = orders.head(1)
