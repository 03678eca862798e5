"""Sizes as people write them."""

import re

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_bytes(text: str) -> int:
    """Bytes of a size such as 6GB (1e9 bytes each), 512 MiB (2^20 bytes each) or 1.5G.

    Raises ValueError for anything else, and for nothing at all (0).
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?\s*", text, re.IGNORECASE)
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"'{text}' is not a size; write 6GB, 512MB or 4GiB")
    units = _BINARY_UNITS if match[3] else _UNITS
    size = round(float(match[1]) * units[match[2].upper()])
    if size == 0:
        raise ValueError(f"'{text}' is no memory at all; write 6GB, 512MB or 4GiB")
    return size
