"""Frames from someone untrusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.sandbox.inside.frames import FrameError, FrameReader, FrameTooLarge, pack

MOST = {b"D": 100, b"E": 10}
FRAMES = st.lists(
    st.tuples(st.just(b"D"), st.binary(max_size=100))
    | st.tuples(st.just(b"E"), st.binary(max_size=10)),
    max_size=5,
)


@given(FRAMES, st.integers(1, 40))
def test_frames_come_out_as_they_went_in(sent: list[tuple[bytes, bytes]], piece: int) -> None:
    data = b"".join(pack(tag, body) for tag, body in sent)
    reader = FrameReader(MOST)
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    assert [frame for part in pieces for frame in reader.feed(part)] == sent


@given(st.binary(max_size=300))
def test_any_bytes_give_frames_or_an_error(data: bytes) -> None:
    try:
        for tag, body in FrameReader(MOST).feed(data):
            assert len(body) <= MOST[tag]
    except (FrameError, FrameTooLarge):
        pass


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"D" + (101).to_bytes(8, "little"), FrameTooLarge),
        (b"D" + (2**64 - 1).to_bytes(8, "little"), FrameError),
        (b"?" + bytes(8), FrameError),
    ],
)
def test_a_header_is_enough_to_refuse(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        list(FrameReader(MOST).feed(data))
