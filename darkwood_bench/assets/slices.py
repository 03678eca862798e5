"""Which tasks a run asks."""

import dagster as dg
import polars as pl
from pydantic import Field

from darkwood_bench.assets.bank import Bank
from darkwood_bench.tasks import QUICK_SIZE, TaskBankError, quick_slice


class RunConfig(dg.Config):
    """What a run asks the models; every field has a default, so that a click is enough."""

    suites: list[str] = Field(default=[], description="Ask only these suites; empty for all.")
    quick: bool = Field(
        default=True,
        description=f"Ask a slice of {QUICK_SIZE} tasks, stratified by category; false for all.",
    )
    limit: int | None = Field(
        default=None, ge=1, description="Ask a stratified slice of this many tasks instead."
    )
    regenerate: bool = Field(
        default=False, description="Ask the model again even where the journal has the answer."
    )

    @property
    def slice(self) -> str:
        """The slice's name on the board."""
        if self.limit is not None:
            return f"limit {self.limit}"
        return "quick" if self.quick else "all"


def chosen_tasks(config: RunConfig, tasks: pl.DataFrame, bank: Bank) -> pl.DataFrame:
    """The rows of the tasks that a run asks, in the bank's order.

    Raises TaskBankError for a suite that is not there, cannot be read or has no test tasks.
    """
    bank.require(config.suites)
    known = list(bank.suites)
    if unknown := sorted(set(config.suites) - set(known)):
        raise TaskBankError(f"suites: no suite {', '.join(unknown)}; there are {', '.join(known)}")
    wanted = set(config.suites or known)
    asked = [task for task in bank.all_tasks() if task.split == "test" and task.suite in wanted]
    if config.limit is not None:
        asked = quick_slice(asked, config.limit)
    elif config.quick:
        asked = quick_slice(asked, QUICK_SIZE)
    if not asked:
        raise TaskBankError(f"suites: {', '.join(sorted(wanted))} have no test tasks; add some")
    names = [task.task_id for task in asked]
    if missing := sorted(set(names) - set(tasks["task_id"])):
        raise TaskBankError(
            f"{', '.join(missing)}: not in the table tasks, which is older than the files; "
            "materialize tasks and prompts again"
        )
    return tasks.filter(pl.col("task_id").is_in(names))
