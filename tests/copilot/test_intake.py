"""Files that are sent: read as they come, and what is not taken in leaves nothing behind."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.forms import SentFile, receive_file
from darkwood_bench.copilot.uploads import Upload, Uploads

CSV = b"a,b\n1,2\n"
KIND = "multipart/form-data; boundary=--x"
FILE = b'Content-Disposition: form-data; name="file"; filename="cards.csv"'
OTHER = b'Content-Disposition: form-data; name="note"'


def form(*parts: tuple[bytes, bytes]) -> bytes:
    body = b"".join(b"----x\r\n" + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
    return body + b"----x--\r\n"


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    made = Uploads(2, 60.0)
    yield made
    made.close()


async def received(
    path: Path, body: bytes, most_bytes: int = 1000, step: int = 7, kind: str = KIND
) -> SentFile:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), step):
            yield body[at : at + step]

    return await receive_file(kind, pieces(), path, most_bytes)


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_the_file_is_what_comes_under_its_name_and_nothing_else_is_kept(
    tmp_path: Path, step: int
) -> None:
    body = form((OTHER, b"x" * 500), (FILE, CSV), (OTHER, b"y"))
    sent = asyncio.run(received(tmp_path / "sent", body, step=step))
    assert sent == SentFile("cards.csv", len(CSV), CSV[:4])
    assert (tmp_path / "sent").read_bytes() == CSV
    assert (tmp_path / "sent").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (form((OTHER, CSV)), KIND, 422),
        (form((FILE, CSV), (FILE, CSV)), KIND, 422),
        (form((FILE, CSV))[:-20], KIND, 422),
        (CSV, KIND, 400),
        (form((FILE + b"x" * 10_000, CSV)), KIND, 400),
        (CSV, "text/csv", 422),
        (CSV, "multipart/form-data", 422),
    ],
)
def test_what_is_no_such_form_is_refused(
    tmp_path: Path, body: bytes, kind: str, status: int
) -> None:
    with pytest.raises(Refused) as refused:
        asyncio.run(received(tmp_path / "sent", body, kind=kind))
    assert refused.value.status_code == status


def test_a_file_that_is_too_large_is_broken_off_before_all_of_it_has_come(tmp_path: Path) -> None:
    came = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal came
        yield form((FILE, b""))[: -len(b"\r\n----x--\r\n")]
        while True:
            came += 100
            yield b"1" * 100

    with pytest.raises(Refused) as refused:
        asyncio.run(receive_file(KIND, endless(), tmp_path / "sent", 1000))
    assert refused.value.status_code == 413
    assert came <= 1200
    assert (tmp_path / "sent").stat().st_size <= 1000


def add(uploads: Uploads, *, keep: bool) -> Path:
    with uploads.reserve() as place:
        place.path.write_bytes(CSV)
        if keep:
            uploads.add(
                Upload(place.upload_id, "me", "a", "csv", {}, 1, 8, place.path, time.monotonic())
            )
    return place.path


def test_only_what_was_taken_in_stays(uploads: Uploads) -> None:
    assert not add(uploads, keep=False).exists()
    kept = add(uploads, keep=True)
    assert kept.read_bytes() == CSV
    with pytest.raises(KeyboardInterrupt), uploads.reserve() as place:
        place.path.write_bytes(CSV)
        raise KeyboardInterrupt
    assert list(kept.parent.iterdir()) == [kept]


def test_what_is_still_coming_has_its_place_already(uploads: Uploads) -> None:
    with uploads.reserve(), uploads.reserve():
        with pytest.raises(Refused) as refused, uploads.reserve():
            pass
        assert refused.value.status_code == 429
    with uploads.reserve():
        pass
