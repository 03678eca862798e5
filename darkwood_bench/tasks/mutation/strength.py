"""Which mutants the data variants tell from gold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from darkwood_bench.tasks.checking import Compare
from darkwood_bench.tasks.mutation.laws import Laws
from darkwood_bench.tasks.mutation.mutants import Mutant, mutants_of
from darkwood_bench.tasks.schema import Schema
from darkwood_bench.tasks.task import Task

RunPrograms = Callable[[Sequence[str], Mapping[str, Path]], Iterable[pl.DataFrame | Exception]]
"""Runs programs over tables, and gives each one's result, or what it ended with, in their order."""
Variants = Mapping[str, Mapping[str, Path]]
"""Data variant -> table -> Parquet file."""


@dataclass(frozen=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    killed_by: str | None
    """The first data variant that tells it from gold; None while it is alive."""


def fates(
    task: Task, variants: Variants, run: RunPrograms, compare: Compare, mutants: Sequence[Mutant]
) -> tuple[Fate, ...]:
    """Try mutants on one variant after another, until each is told from gold or none is left.

    An error is a difference. Raises what gold raises: without gold there is nothing to tell from.
    """
    alive = list(mutants)
    killed: dict[str, str] = {}
    for variant, tables in variants.items():
        if not alive:
            break
        own = {name: tables[name] for name in task.tables}
        gold, *results = run([task.gold_code, *(mutant.code for mutant in alive)], own)
        if isinstance(gold, Exception):
            raise gold
        for mutant, result in zip(alive, results, strict=True):
            if isinstance(result, Exception) or _differs(result, gold, task, compare):
                killed[mutant.name] = variant
        alive = [mutant for mutant in alive if mutant.name not in killed]
    return tuple(Fate(mutant, killed.get(mutant.name)) for mutant in mutants)


def _differs(result: pl.DataFrame, gold: pl.DataFrame, task: Task, compare: Compare) -> bool:
    if result.schema == gold.schema and result.equals(gold):
        return False
    return compare(result, gold, task.order_by) is not None


def mutants_of_task(task: Task, tables: Mapping[str, Path], schema: Schema) -> tuple[Mutant, ...]:
    """The mutants of a task's gold answer."""
    columns = {
        name: {column: str(dtype) for column, dtype in pl.read_parquet_schema(tables[name]).items()}
        for name in task.tables
    }
    laws = Laws(
        {name: schema.tables[name] for name in task.tables},
        {name: list(dtypes) for name, dtypes in columns.items()},
    )
    return mutants_of(task.gold_code, columns, laws)
