"""The file in a multipart form, written to its place as it comes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from darkwood_bench.copilot.errors import Refused

FIELD = "file"
_START_BYTES = 4


@dataclass(frozen=True)
class SentFile:
    """A file that has come whole."""

    name: str
    """As the client calls it."""
    size: int
    start: bytes
    """Its first four bytes."""


async def receive_file(
    content_type: str, pieces: AsyncIterator[bytes], path: Path, most_bytes: int
) -> SentFile:
    """Write the form's field `file` to a file that nobody else can read, and nothing of what else
    is in the form anywhere.

    Raises Refused for what is no such form, and as soon as more than `most_bytes` of the file have
    come; then part of it may be there.
    """
    form = _Form(content_type)
    size, start = 0, b""
    with path.open("xb") as target:
        path.chmod(0o600)
        async for piece in pieces:
            found = form.feed(piece)
            size += len(found)
            if size > most_bytes:
                raise Refused(413, f"the file is larger than {most_bytes:,} bytes")
            start = (start + found[:_START_BYTES])[:_START_BYTES]
            if found:
                await asyncio.to_thread(target.write, found)
    return SentFile(form.finish(), size, start)


class _Form:
    """Takes a form apart."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Refused(422, f"the body is no multipart form with the field {FIELD!r}")
        self._name: str | None = None
        """Of the file, once it has begun."""
        self._within = self._whole = False
        self._header, self._value, self._disposition = b"", b"", b""
        self._found = bytearray()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                },
            )
        except FormParserError as error:
            raise _not_a_form() from error

    def feed(self, piece: bytes) -> bytes:
        """What of the file is in a piece of the form."""
        self._found.clear()
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _not_a_form() from error
        return bytes(self._found)

    def finish(self) -> str:
        """The file's name, after the last piece."""
        if self._name is None or not self._whole:
            raise Refused(422, f"the form has no file in the field {FIELD!r}, or not all of it")
        return self._name

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") != FIELD.encode() or b"filename" not in options:
            return
        if self._name is not None:
            raise Refused(422, f"the form has several files in the field {FIELD!r}")
        self._name = options[b"filename"].decode("utf-8", "replace")
        self._within = True

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._within:
            self._found += data[start:end]

    def _on_part_end(self) -> None:
        self._whole = self._whole or self._within
        self._within = False


def _not_a_form() -> Refused:
    return Refused(400, "the body is no multipart form")
