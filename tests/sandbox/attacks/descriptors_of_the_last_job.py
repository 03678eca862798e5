# DESC: does a descriptor carry what the job before did to it: a counter, an offset, a flag
# EXPECT: ok|payload_invalid
# BEFORE: plant_in_descriptors
import fcntl
import os

for descriptor in range(4096):
    try:
        where = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        continue
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
        print("BREACH flags of", descriptor, where)
    try:
        if os.lseek(descriptor, 0, os.SEEK_CUR) == 4711:
            print("BREACH offset of", descriptor, where)
    except OSError:
        pass
    if "[eventfd]" in where:
        os.set_blocking(descriptor, False)
        try:
            if os.eventfd_read(descriptor) >= 0x0BADCAFE:
                print("BREACH counter of", descriptor)
        except OSError:
            pass
result = orders.head(1)
