# DESC: escape sequences, nulls and broken text in output, error class, message and column names
# EXPECT: runtime_error|ok
import os
import sys

junk = b"\x1b]0;title\x07\x1b[2J\x1b[31m\x00\xff\xfe\r\nBREAK\x9b1m\n" * 20
os.write(1, junk)
os.write(2, junk)
raise type("E\x1b[2J\nrr", (Exception,), {})("\x1b[2J\u202e\x00\ud800" * 1000)
