# DESC: close every descriptor, so that nobody hears how it goes, and run on
# EXPECT: timeout|exited_early|killed
import os

os.closerange(0, 64)
while True:
    pass
