"""What a correct answer costs beside gold: measured once for a pair of programs, then recalled."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from darkwood_bench.assets.bank import Bank
from darkwood_bench.identity import content_id
from darkwood_bench.journal import Journal
from darkwood_bench.sandbox import Comparison, Limits, Sandbox, SandboxError, sandbox_version
from darkwood_bench.settings import Settings
from darkwood_bench.stores import open_journal
from darkwood_bench.validation import Efficiency, beyond

REPEATS = 5
"""Fresh children of each program, taking turns; the least CPU time of each counts."""
_KEY = "measurement_key"


class Measurements:
    """What was measured, read from the journal once and grown by what is measured now."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows = journal.read()
        self._of_task: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in self._rows.values():
            self._file(row)

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The row of a measurement; None where it has not been taken."""
        return self._rows.get(key)

    def add(self, row: dict[str, Any]) -> None:
        """Keep a measurement; it is in the journal then."""
        self._journal.append(row)
        self._rows[row[_KEY]] = row
        self._file(row)

    def of_task(self, name: str) -> list[Mapping[str, Any]]:
        """All measurements of one task."""
        return list(self._of_task.get(name, {}).values())

    def _file(self, row: Mapping[str, Any]) -> None:
        self._of_task.setdefault(row["task"], {})[row[_KEY]] = row


@contextmanager
def measurements(settings: Settings) -> Iterator[Measurements]:
    """What this store has measured so far."""
    with open_journal(settings, "measurements", _KEY) as journal:
        yield Measurements(journal)
        journal.compact()


def measured(
    code: str, task: Mapping[str, Any], bank: Bank, known: Measurements
) -> Efficiency | None:
    """CPU time and peak memory of code over those of the task's gold, one program at a time.

    The tables are those of a larger database where there is one (`Bank.large_tables`). Gold is
    measured against itself once: what its ratio is by chance, the answer's has to exceed.
    None where a repetition did not end well (a program near a limit, or one that uses chance): it
    is right, for it was judged on its execution, but it cannot be called efficient.
    """
    bench = _Bench(known, task, bank)
    alone = bench.compared(task["gold_code"])
    row = alone and bench.compared(code)
    if alone is None or row is None:
        return None
    return Efficiency(
        row["cpu_ratio"],
        row["memory_ratio"],
        (row["cpu_ratio_low"], row["cpu_ratio_high"]),
        (row["memory_ratio_low"], row["memory_ratio_high"]),
        alone["cpu_noise"],
        alone["memory_noise"],
        beyond(row["cpu_ratio"], bench.solutions()),
    )


@dataclass(frozen=True)
class _Bench:
    """Where the programs of one task are measured, against its gold."""

    known: Measurements
    task: Mapping[str, Any]
    bank: Bank

    def compared(self, code: str) -> Mapping[str, Any] | None:
        """A row of the journal for code against gold; None where it cannot be measured."""
        key = content_id({"code": code, "task": self._name()})
        found = self.known.get(key)
        if found is not None:
            return found
        gold = self.task["gold_code"]
        with Sandbox(self.bank.large_tables_of(self.task), Limits()) as sandbox:
            try:
                comparison = sandbox.measure(code, gold, REPEATS)
            except SandboxError:
                return None
        row = {_KEY: key, "task": self._name(), **_row(comparison, code == gold)}
        self.known.add(row)
        return row

    def solutions(self) -> list[float]:
        """The CPU ratios of all programs that were measured on this task: gold and right answers.

        Gold's is 1 by definition.
        """
        rows = self.known.of_task(self._name())
        # Compacted, every row has every field: where it was not measured, it is null.
        return [row["cpu_ratio"] if row.get("cpu_noise") is None else 1.0 for row in rows]

    def _name(self) -> str:
        """All that a measurement depends on but the code. A database's folder names its content."""
        tables = self.bank.large_tables_of(self.task)
        return content_id(
            {
                "gold": self.task["gold_code"],
                "tables": {name: path.parent.name for name, path in tables.items()},
                "repeats": REPEATS,
                "sandbox": sandbox_version(),
            }
        )


def _row(comparison: Comparison, alone: bool) -> dict[str, float]:
    """The figures of a comparison; of gold against itself, also the noise."""
    figures = {
        "cpu_ratio": comparison.cpu_ratio,
        "cpu_ratio_low": min(comparison.cpu_ratios),
        "cpu_ratio_high": max(comparison.cpu_ratios),
        "memory_ratio": comparison.memory_ratio,
        "memory_ratio_low": min(comparison.memory_ratios),
        "memory_ratio_high": max(comparison.memory_ratios),
    }
    if alone:
        figures["cpu_noise"] = comparison.cpu_noise
        figures["memory_noise"] = comparison.memory_noise
    return figures
