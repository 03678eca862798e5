"""What one execution may use."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Limits of one execution, counted from the moment that the code starts.

    Raises ValueError for a limit that is not positive.
    """

    wall_s: float = 10.0
    cpu_s: int = 10
    """Whole seconds: the kernel counts no finer."""
    memory_bytes: int = 1 << 30
    """Address space on top of the interpreter, the tables and a warmed-up engine."""
    result_bytes: int = 64 << 20
    """Arrow IPC bytes of the result."""
    result_rows: int = 5_000_000
    stdout_bytes: int = 1 << 20
    """Of stdout and stderr each."""
    scratch_bytes: int = 32 << 20
    """Of the private folder that the code may write to, where there is one (L3 and L1)."""
    threads: int = 1
    """Threads of the engine's pool. One, by default: results and times then vary least."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ValueError(f"Limits.{name} must be positive, got {value}")

    def as_json(self) -> dict[str, Any]:
        """Field by field, as a cache key takes it."""
        return asdict(self)
