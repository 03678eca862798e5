# DESC: fill the pipes that it can only write to, close them, reopen them through /proc, and hang
# EXPECT: timeout|exited_early|killed|output_limit|payload_invalid
import os
import time

for descriptor in (1, 2, 3):
    os.set_blocking(descriptor, False)
    try:
        while True:
            os.write(descriptor, b"M" if descriptor == 3 else b"x" * 4096)
    except OSError as error:
        print(error)
    try:
        kept = os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        pass
os.closerange(0, 64)
time.sleep(60)
