"""What is done with a variant's answers after the model: static repair, dry runs, votes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from darkwood_bench.asking import finishing
from darkwood_bench.assets.bank import Bank
from darkwood_bench.assets.candidate_runs import CandidateRuns
from darkwood_bench.assets.dry_runs import DryRuns
from darkwood_bench.harness import Finishing
from darkwood_bench.prompting import Variant

Row = Mapping[str, Any]
"""A row of the table tasks."""
FinishingOf = Callable[[Variant | None, Row], Finishing | None]
"""None for a model that brings its own prompt: its answers are taken as they come."""


@contextmanager
def finishings(
    bank: Bank, asked: Iterable[Row], variants: Iterable[Variant]
) -> Iterator[FinishingOf]:
    """Gives what is done with the answer to a task under a variant; None for nothing.

    Sandboxes for dry runs and candidates are started here, where one of the variants asks for them,
    so that no answer's time has their start in it.
    """
    every = list(variants)
    with DryRuns(bank) as dry_runs, CandidateRuns(bank) as candidate_runs:
        suites = {row["suite"]: row for row in asked}.values()
        if any(variant.repair_attempts for variant in every):
            for row in suites:
                dry_runs.prepare(row)
        if any(variant.vote for variant in every):
            for row in suites:
                candidate_runs.prepare(row)
        if any(variant.language == "sql" for variant in every):
            # So that no answer's time has the compiler's import in it.
            import_module("darkwood_bench.harness.sql.translation").handlers()

        def finishing_of(variant: Variant | None, task: Row) -> Finishing | None:
            if variant is None:
                return None
            check, run = partial(dry_runs.check, task), partial(candidate_runs.run, task)
            return finishing(variant, bank.schemas_of(task), check, run)

        yield finishing_of
