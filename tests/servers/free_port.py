"""A TCP port of this machine that nothing listens on now."""

import socket


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
