"""Content hashes: the ids that let a score be traced back to what it came from."""

import hashlib
import json
from pathlib import Path
from typing import Any

ID_LENGTH = 16
"""Hex digits of an id: 64 bits, so that a collision among a million rows has odds of 1 in 10^7."""


def content_id(value: Any) -> str:
    """A short id of a JSON value: equal values, whatever their key order, have equal ids."""
    return content_hash(value)[:ID_LENGTH]


def content_hash(value: Any) -> str:
    """SHA-256 (64 hex digits) of a JSON value written canonically.

    Raises TypeError for a value that JSON cannot hold.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 (64 hex digits) of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
