"""What one answer may cost at most. What costs more is stopped, and is a wrong answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from darkwood_bench.harness.backends import BackendError


class OverRam(BackendError):
    """The model's process took more memory than it may; it was stopped."""

    kind = "over_ram"


class OverVram(BackendError):
    """The model's process took more GPU memory than it may; it was stopped."""

    kind = "over_vram"


class WorkerTimeout(BackendError):
    """A request took longer than it may; the worker was stopped."""

    kind = "timeout"


OVER_BUDGET = {kind.kind for kind in (OverRam, OverVram, WorkerTimeout)}
"""The kinds of error of answers that were stopped for their cost."""


@dataclass(frozen=True)
class Budgets:
    """The limits of a run."""

    max_ram_bytes: int | None = None
    """Resident memory of the model's process and its children; None for no limit."""
    max_vram_bytes: int | None = None
    """GPU memory of the same; None for no limit."""
    max_seconds: float = 600.0
    """For one answer: all its attempts and dry runs together; in batched mode, from one answer of
    the batch to the next, and, where a server answers, for each request alone."""

    def row(self) -> dict[str, Any]:
        """The columns of `tables.RUNS`."""
        return asdict(self)

    def check(self, ram_bytes: int | None, vram_bytes: int | None) -> None:
        """Raises OverRam or OverVram for peaks beyond the limits; None was not measured."""
        if _exceeds(ram_bytes, self.max_ram_bytes):
            raise OverRam(_over("memory", ram_bytes, self.max_ram_bytes, "--max-ram"))
        if _exceeds(vram_bytes, self.max_vram_bytes):
            raise OverVram(_over("GPU memory", vram_bytes, self.max_vram_bytes, "--max-vram"))

    @property
    def of_memory(self) -> bool:
        """Whether memory is to be watched at all."""
        return self.max_ram_bytes is not None or self.max_vram_bytes is not None

    def admit(self, record: Mapping[str, Any]) -> bool:
        """Whether a journalled generation is what would come of asking again under these limits.

        Under the limits that it was made under it stands, though a dry run may have taken it beyond
        them. Else one that was stopped does not, and any other if what it took is within these.
        """
        same = {name: record[name] for name in self.row()} == self.row()
        if same or record["error_kind"] in OVER_BUDGET:
            return same
        try:
            self.check(record["peak_ram_bytes"], record["peak_vram_bytes"])
        except BackendError:
            return False
        return record["mode"] == "batched" or record["wall_s"] <= self.max_seconds

    def admit_together(self, attempts: Sequence[Mapping[str, Any]]) -> bool:
        """Whether what was admitted one by one is within the time of one answer as a whole.

        Under the limits that they were made under, they were looked at then.
        """
        alone = [record for record in attempts if record["mode"] == "sequential"]
        same = all(record["max_seconds"] == self.max_seconds for record in attempts)
        return same or sum(record["wall_s"] for record in alone) <= self.max_seconds


def _exceeds(taken: int | None, limit: int | None) -> bool:
    return taken is not None and limit is not None and taken > limit


def _over(what: str, taken: int | None, limit: int | None, flag: str) -> str:
    assert taken is not None
    assert limit is not None
    return (
        f"took {taken / 1e9:.2f} GB of {what}, and may take {limit / 1e9:.2f} GB ({flag}); "
        "the worker was stopped"
    )
