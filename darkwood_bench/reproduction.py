"""Run a kept score's partition again, from nothing but the weights, and see whether it agrees."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.launch import open_instance, run_grid, wait_for_pool
from darkwood_bench.partitions import Cell
from darkwood_bench.prompting import load_variants
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import find_score
from darkwood_bench.scoring import GB, Comparison, compare_scores

Row = Mapping[str, Any]
"""A row of the table `scores` over all tasks of a run."""
_SLICE = re.compile(
    r"(?P<tasks>all|quick|limit (?P<size>\d+))"
    r"(, temperature (?P<temperature>[\d.e-]+), seed (?P<seed>\d+))?"
)
"""As `RunConfig.slice` writes it."""
_BUDGETS = re.compile(
    r"(RAM (?P<ram>[\d.e+-]+) GB, )?(VRAM (?P<vram>[\d.e+-]+) GB, )?(?P<seconds>[\d.e+-]+) s"
)
"""As the asset `scores` writes them."""
_SYSTEM = {"weights_sha256", "prompt_variant_hash", "dataset_hash", "budgets"}


@dataclass(frozen=True)
class Reproduction:
    """A score, the same measured again, and whether they agree."""

    original: Row
    again: Row
    comparison: Comparison
    same_code: int
    """Tasks whose code came out the same, to the character."""

    @property
    def agrees(self) -> bool:
        """The same system: weights, prompt, tasks and budgets. The same code for each task, the
        same N, and a Score within the first's interval."""
        same_system = not _SYSTEM & self.comparison.differs.keys()
        same_tasks = self.original["task_ids"] == self.again["task_ids"]
        all_same = self.same_code == self.original["n_tasks"]
        same_n = self.original["N"] == self.again["N"]
        within = self.score_within is not False
        return same_system and same_tasks and all_same and same_n and within

    @property
    def score_within(self) -> bool | None:
        """Whether the new Score is within the old one's 95 % interval; None where it has none."""
        low, high = self.original["score_low"], self.original["score_high"]
        if low is None or high is None or self.again["score"] is None:
            return None
        return low <= self.again["score"] <= high


def reproduce(bench: Bench, original: Row, home: Path | None = None) -> Reproduction:
    """Ask, execute, validate and score again what `original` scored.

    In a Dagster home of its own (`home`, else a temporary one): nothing of earlier answers,
    executions or measurements is reused, and no table of the bench is written. Weights and
    databases come from the cache.
    Raises StageFailure as a run does, and ValueError for a slice or budgets that no run has.
    """
    with open_instance(bench) as instance:
        wait_for_pool(instance, bench)  # what is measured here would be in its T, and it in ours
    folder: AbstractContextManager[str] = (
        TemporaryDirectory(prefix="darkwood-again-") if home is None else nullcontext(str(home))
    )
    with folder as name:
        apart = replace(
            bench.settings, dagster_home=Path(name), tables=str(Path(name, "darkwood", "tables"))
        )
        fresh = Bench(apart, bench.report)
        cell = Cell(original["model"], original["prompt_variant"])
        order = list(load_variants(apart.variants))
        with open_instance(fresh) as instance:
            run_grid(instance, fresh, [cell], order, asked_again(original))
        again = find_score(apart.tables, f"{cell.model}/{cell.variant}")
    codes = dict(zip(original["task_ids"], original["code_hashes"], strict=True))
    found = zip(again["task_ids"], again["code_hashes"], strict=True)
    same_code = sum(task in codes and codes[task] == code for task, code in found)
    return Reproduction(original, again, compare_scores(original, again), same_code)


def asked_again(original: Row) -> RunConfig:
    """The run that asks what a score was made from, under the same budgets.

    Raises ValueError for an unknown slice and unknown budgets.
    """
    asked = _SLICE.fullmatch(original["slice"])
    if asked is None:
        raise ValueError(f"slice {original['slice']}: no run asks that; make the score again")
    budgets = _BUDGETS.fullmatch(original["budgets"])
    if budgets is None:
        raise ValueError(f"budgets {original['budgets']}: no run has those; make the score again")
    return RunConfig(
        suites=original["suites"],
        quick=asked["tasks"] == "quick",
        limit=int(asked["size"]) if asked["size"] else None,
        mode=original["mode"],
        temperature=float(asked["temperature"] or 0),
        seed=int(asked["seed"] or 0),
        max_ram=_size(budgets["ram"]),
        max_vram=_size(budgets["vram"]),
        max_seconds=float(budgets["seconds"]),
        repeats=len(original["repeat_s"][0]) if original["repeat_s"] else 1,
    )


def _size(gigabytes: str | None) -> str | None:
    """As a run takes it: in bytes, since a size knows no exponent."""
    return None if gigabytes is None else f"{round(float(gigabytes) * GB)}"
