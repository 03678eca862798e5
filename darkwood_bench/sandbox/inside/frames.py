"""Typed, length-prefixed frames: one byte that says what it is, eight that say how long, then that
many bytes. A program can write frames of its own, so whoever reads them trusts none."""

import os
from collections.abc import Iterator

READY = b"R"
"""The child is set up; what follows it is the program's word."""
NAMES = b"N"
"""JSON: the tables that the program is given, by the names that it finds them under."""
CODE = b"C"
LOADED = b"L"
"""The tables that came with the program have been read: what it uses counts from here."""
GO = b"G"
"""The answer to it. A program that began before what was used until then had been read would be
measured too little, or not at all."""
META = b"M"
"""JSON: what the result was before it became a frame; on the way in, what the table after it is."""
DATA = b"D"
"""An Arrow IPC stream; on the way in, a table that comes with the program."""
ERROR = b"E"
"""JSON: how the program failed."""
END = b"Z"

HEADER_BYTES = 9
IMPOSSIBLE_LENGTH = 1 << 48
"""More than an address space: no honest frame says this."""


class FrameError(Exception):
    """What came is not a frame, or one of a kind that has no place here."""


class FrameTooLarge(Exception):
    """A frame that is longer than it may be; the argument is its tag."""


def pack(tag: bytes, body: bytes = b"") -> bytes:
    """A frame's bytes."""
    return header(tag, len(body)) + body


def header(tag: bytes, length: int) -> bytes:
    """What stands before a frame's body."""
    return tag + length.to_bytes(8, "little")


def write_frame(descriptor: int, tag: bytes, body: bytes | memoryview = b"") -> None:
    """Write a frame to a blocking descriptor."""
    for part in (header(tag, len(body)), body):
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int) -> tuple[bytes, bytes] | None:
    """Read a frame from a blocking descriptor, from someone trusted; None at its end."""
    header = _read_exactly(descriptor, HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        return None
    return header[:1], _read_exactly(descriptor, int.from_bytes(header[1:], "little"))


def _read_exactly(descriptor: int, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = os.read(descriptor, min(count - len(data), 1 << 20))
        if not piece:
            break
        data += piece
    return bytes(data)


class FrameReader:
    """Takes bytes as they come from someone untrusted; never holds more than the largest frame."""

    def __init__(self, most_bytes: dict[bytes, int]) -> None:
        self._most_bytes = most_bytes
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that have come of a frame that is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The frames that are complete now.

        Raises FrameError for a tag that has no limit, and for a length that no frame has;
        FrameTooLarge for a frame beyond its tag's limit, when its header has come.
        """
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES:
            tag = bytes(self._buffer[:1])
            length = int.from_bytes(self._buffer[1:HEADER_BYTES], "little")
            if tag not in self._most_bytes or length >= IMPOSSIBLE_LENGTH:
                raise FrameError(f"frame {tag!r} of {length} bytes")
            if length > self._most_bytes[tag]:
                raise FrameTooLarge(tag)
            end = HEADER_BYTES + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            yield tag, body
