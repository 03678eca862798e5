"""What the registry says of a submission, as the process that starts it reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from darkwood_bench.harness.backends.submission_asking import TableShape


@dataclass(frozen=True)
class Entry:
    """The part `submission` of a registry entry; `harness.submission_entry` has its fields."""

    command: tuple[str, ...]
    image: str | None
    url: str | None
    folder: Path
    port: int | None
    env: Mapping[str, str]
    tables: TableShape
    health_s: float

    @classmethod
    def read(cls, path: Path) -> Self:
        """The entry as `harness.weights` wrote it down."""
        fields: dict[str, Any] = json.loads(path.read_text())["submission"]
        named = {name: fields[name] for name in cls.__dataclass_fields__}
        named |= {"command": tuple(fields["command"]), "folder": Path(fields["folder"])}
        return cls(**named)
