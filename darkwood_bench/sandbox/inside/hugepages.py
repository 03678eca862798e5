"""Moving the engine's code to huge pages, for the sake of forks.

Polars is a library of about 110 MB of instructions, mapped from a file. A forked process starts
without those mappings and faults each 64 KB in as it first runs through them. A copy in anonymous
memory of 2 MB pages is inherited whole, and costs a fork one entry a page.
"""

import ctypes
import os

from .libc import LIBC, check

_HUGE = 2 << 20
_PROT_READ, _PROT_WRITE, _PROT_EXEC = 1, 2, 4
_MAP_PRIVATE, _MAP_ANONYMOUS = 0x02, 0x20
_MADV_HUGEPAGE = 14
_MREMAP_MAYMOVE, _MREMAP_FIXED = 1, 2
_LEAST_BYTES = 16 << 20
"""A smaller library gains nothing."""
_ENGINE = "_polars_runtime"


def move_engine() -> None:
    """Put a copy in huge pages where the engine's instructions are.

    The system must offer such pages (`huge_pages` of the spec): a copy in small ones would make
    forks slower.

    No instruction of the engine may be running: this process has not started its threads.
    Raises OSError when the kernel refuses half-way.
    """
    LIBC.mmap.restype = LIBC.mremap.restype = ctypes.c_void_p
    for start, end in _instructions():
        _move(start, end - start)


def _instructions() -> list[tuple[int, int]]:
    """Address ranges of the engine's executable mappings."""
    found = []
    with open("/proc/self/maps", encoding="utf-8") as maps:  # noqa: PTH123
        for line in maps:
            addresses, permissions, *_, path = line.split(maxsplit=5)
            if permissions.startswith("r-x") and _ENGINE in path.rpartition("/")[2]:
                start, end = (int(address, 16) for address in addresses.split("-"))
                if end - start >= _LEAST_BYTES:
                    found.append((start, end))
    return found


def _move(start: int, size: int) -> None:
    room = _address(
        LIBC.mmap(
            None,
            ctypes.c_size_t(size + 2 * _HUGE),
            _PROT_READ | _PROT_WRITE,
            _MAP_PRIVATE | _MAP_ANONYMOUS,
            -1,
            ctypes.c_long(0),
        ),
        "mmap",
    )
    # The copy lies in its huge pages as the original lies in its own, so that they move whole.
    copy = -(-room // _HUGE) * _HUGE + start % _HUGE
    LIBC.madvise(ctypes.c_void_p(room), ctypes.c_size_t(size + 2 * _HUGE), _MADV_HUGEPAGE)
    ctypes.memmove(copy, start, size)
    protected = LIBC.mprotect(ctypes.c_void_p(copy), ctypes.c_size_t(size), _PROT_READ | _PROT_EXEC)
    check(protected, "mprotect")
    moved = LIBC.mremap(
        ctypes.c_void_p(copy),
        ctypes.c_size_t(size),
        ctypes.c_size_t(size),
        _MREMAP_MAYMOVE | _MREMAP_FIXED,
        ctypes.c_void_p(start),
    )
    _address(moved, "mremap")


def _address(value: int | None, what: str) -> int:
    if value is None or value == ctypes.c_void_p(-1).value:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return value
