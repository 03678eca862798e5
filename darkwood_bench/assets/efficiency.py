"""What a correct answer costs beside gold: measured once for a pair of programs, then recalled."""

from collections.abc import Mapping
from typing import Any

from darkwood_bench.assets.bank import Bank
from darkwood_bench.identity import content_id
from darkwood_bench.journal import Journal
from darkwood_bench.sandbox import Limits, Sandbox, SandboxError, sandbox_version
from darkwood_bench.settings import Settings
from darkwood_bench.validation import Efficiency

REPEATS = 3
"""Fresh children of each program, taking turns; the least CPU time of each counts."""


def measured(
    code: str, task: Mapping[str, Any], bank: Bank, settings: Settings
) -> Efficiency | None:
    """CPU time and peak memory of code over those of the task's gold, on the base data.

    None where a repetition did not end well (a program near a limit, or one that uses chance): it
    is right, for it was judged on its execution, but it cannot be called efficient.
    """
    journal = Journal(settings.store / "journal" / "measurements.jsonl", key="measurement_key")
    tables = bank.tables_of(task)
    key = content_id(
        {
            "code": code,
            "gold": task["gold_code"],
            "tables": [list(tables), bank.table_hashes[task["suite"]]],
            "repeats": REPEATS,
            "sandbox": sandbox_version(),
        }
    )
    row = journal.read().get(key)
    if row is None:
        with Sandbox(tables, Limits()) as sandbox:
            try:
                comparison = sandbox.measure(code, task["gold_code"], REPEATS)
            except SandboxError:
                return None
        row = {
            "measurement_key": key,
            "cpu_ratio": comparison.cpu_ratio,
            "memory_ratio": comparison.memory_ratio,
        }
        journal.append(row)
    return Efficiency(row["cpu_ratio"], row["memory_ratio"])
