"""Which tasks a run asks, and how."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any, Literal

import dagster as dg
import polars as pl
from pydantic import Field, ValidationError, field_validator

from darkwood_bench.assets.bank import Bank
from darkwood_bench.harness import Budgets, Decoding, parse_bytes
from darkwood_bench.tasks import QUICK_SIZE, TaskBankError, quick_slice


class RunConfigError(ValueError):
    """A run was configured with what makes no sense; the message is a line, field by field."""


class RunConfig(dg.ConfigurableResource):
    """What a run asks the models; every field has a default, so that a click is enough.

    All stages of a run share it: in the launchpad it is `resources: asking: config:`.
    """

    suites: list[str] = Field(
        default=[],
        description="Ask only these suites; empty for all. Another that cannot be read, or whose "
        "tables cannot be had, is left out; the log says so, and prompts show no example of it.",
    )
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
    regeneration: str | None = Field(
        default=None,
        description="Name of the regeneration, so that one that was stopped goes on. Default: that "
        "of the Dagster run, which a re-execution shares.",
    )
    mode: Literal["sequential", "batched"] = Field(
        default="sequential",
        description="sequential: one request at a time. batched: all at once, and T is the wall "
        "time of the batch; the two are never ranked together.",
    )
    repeats: int = Field(
        default=1,
        ge=1,
        description="Ask every prompt so many times: T is the mean, with its spread, and the first "
        "answer is the one that is judged.",
    )
    max_ram: str | None = Field(
        default=None,
        description="Most memory of the model's process, such as 6GB. An answer that takes more is "
        "stopped and wrong.",
    )
    max_vram: str | None = Field(default=None, description="The same for GPU memory.")
    max_seconds: float = Field(
        default=600.0,
        gt=0,
        description="Most seconds for one answer; in batched mode, from one answer to the next.",
    )

    temperature: float = Field(
        default=0.0,
        ge=0,
        le=2,
        description="0 takes the likeliest token; above it tokens are drawn, and the slice's name "
        "says so.",
    )
    seed: int = Field(
        default=0, ge=0, description="Of the draws; it changes nothing at temperature 0."
    )

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise RunConfigError(_said(error)) from None

    @field_validator("max_ram", "max_vram")
    @classmethod
    def _is_a_size(cls, value: str | None) -> str | None:
        if value is not None:
            parse_bytes(value)
        return value

    @property
    def budgets(self) -> Budgets:
        """What one answer may cost."""
        ram, vram = (
            None if size is None else parse_bytes(size) for size in (self.max_ram, self.max_vram)
        )
        return Budgets(ram, vram, self.max_seconds)

    @property
    def slice(self) -> str:
        """The slice's name on the board: which tasks, and that answers were drawn if they were."""
        name = f"limit {self.limit}" if self.limit is not None else "quick" if self.quick else "all"
        if self.temperature:
            name += f", temperature {self.temperature:g}, seed {self.seed}"
        return name

    def decoding(self, context: int) -> Decoding:
        """How tokens are chosen, with room for `context` of them."""
        # Without draws the seed is no part of what an answer depends on.
        seed = self.seed if self.temperature else 0
        return Decoding(temperature=self.temperature, seed=seed, context=context)


def _said(error: ValidationError) -> str:
    """What is wrong with a configuration, in one line."""
    said = []
    for problem in error.errors():
        message = problem["msg"].removeprefix("Value error, ")
        said.append(f"{'.'.join(map(str, problem['loc']))} {problem['input']!r}: {message}")
    return "; ".join(said)


def require_suites(names: Collection[str], bank: Bank) -> None:
    """Raises TaskBankError for a suite that is not there or cannot be read; of none named, all."""
    bank.require(names)
    for name in names:
        if name not in bank.suites:
            close = get_close_matches(name, bank.suites)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(bank.suites)}"
            raise TaskBankError(f"suites: no suite '{name}'; {hint}")


def chosen_tasks(config: RunConfig, tasks: pl.DataFrame, bank: Bank) -> pl.DataFrame:
    """The rows of the tasks that a run asks, in the bank's order.

    Raises TaskBankError for a suite that is not there, cannot be read or has no test tasks.
    """
    require_suites(config.suites, bank)
    wanted = set(config.suites or bank.suites)
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
