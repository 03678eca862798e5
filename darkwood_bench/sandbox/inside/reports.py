"""What the supervisor asks of the zygote, and what the zygote reports of a child."""

import struct

REQUEST = struct.Struct("=q?")
"""The user that the child is to become, or -1; whether it warms up the engine before it is ready.
With it come descriptors: the socket to report on, then the child's code, results, stdout and
stderr."""
DESCRIPTORS = 5
STARTED = b"S"
"""Comes with a descriptor of the child's process (a pidfd)."""
REFUSED = b"R"
"""The system forks no more: the user, or the machine, has as many processes as it may."""
ENDED = struct.Struct("=iddq")
"""Exit code, or minus a signal's number; seconds of user and of system time; peak resident memory
since it was ready, in KiB. The kernel's word, after the end: nothing that the child did on its way
(exit at once, end the thread that its status is read from) takes from it."""
