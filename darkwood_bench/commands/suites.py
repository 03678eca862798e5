"""The option --suite, and the suites that it names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.terminal import known
from darkwood_bench.tasks import Suite, load_suites, suite_names

Suites = Annotated[
    list[str] | None, typer.Option("--suite", "-s", help="Only this suite; repeat. Default: all.")
]


def asked_suites(datasets: Path, names: Sequence[str] | None) -> tuple[Suite, ...]:
    """The suites asked for, or all; ends the command for an unknown one.

    What is wrong with a suite that was not asked for does not matter. Raises TaskBankError with
    all that is wrong with the others.
    """
    chosen = known("suite", names, suite_names(datasets)) if names else None
    return load_suites(datasets, chosen)
