"""What is said to a client whose request is not answered. Its message never has a path, a token or
a traceback in it."""

from starlette.exceptions import HTTPException


class Refused(HTTPException):
    """A request is not answered: its status, one line that says why, and when to try again."""

    def __init__(self, status: int, detail: str, *, retry_after_s: float | None = None) -> None:
        wait = {} if retry_after_s is None else {"Retry-After": str(max(1, round(retry_after_s)))}
        super().__init__(status, detail, wait)


class NoData(Exception):
    """A table's data cannot be had; the message says why, without where it is."""


class ClientGone(Exception):
    """Whoever asked has closed the connection: nobody is there to be answered."""


def overloaded(wait_s: float) -> Refused:
    """There is no place left to wait in."""
    return Refused(429, "too many requests are waiting; try again later", retry_after_s=wait_s)


def stopping() -> Refused:
    """The server is on its way out."""
    return Refused(503, "the server is stopping; try again later", retry_after_s=5)
