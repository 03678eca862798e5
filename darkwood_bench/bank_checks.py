"""Checks that show the bank's state beside the table tasks; none of them stops a run.

What takes minutes is not done here: these read what `darkwood tasks check` and `darkwood tasks
mutants` left beside each suite, and count it only while its hash is that of the suite as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import joint_hash
from darkwood_bench.assets.metadata import markdown
from darkwood_bench.resources import Bench
from darkwood_bench.tables import CATEGORIES, TASKS
from darkwood_bench.tasks import CHECK, MUTANTS, stored_report

STRENGTH = 0.97
"""The share of mutants, over the whole bank, that some data variant must tell from gold; those
that are listed as equivalent, with why, do not count."""
COUNTED = ("mutants", "killed", "equivalent")
WARN = dg.AssetCheckSeverity.WARN


@dg.asset_check(
    asset=TASKS.name,
    description="Every category has test tasks and examples, and every difficulty test tasks.",
)
def coverage(tasks: pl.DataFrame) -> dg.AssetCheckResult:
    """Counts by category, by difficulty and by suite."""
    test = pl.col("split") == "test"
    by_category = pl.DataFrame({"category": CATEGORIES}).join(
        tasks.group_by("category").agg(tests=test.sum(), examples=(~test).sum()),
        on="category",
        how="left",
        maintain_order="left",
    )
    by_category = by_category.with_columns(pl.col("tests", "examples").fill_null(0))
    by_difficulty = pl.DataFrame({"difficulty": range(1, 6)}).join(
        tasks.group_by("difficulty").agg(tests=test.sum()),
        on="difficulty",
        how="left",
        maintain_order="left",
    )
    by_difficulty = by_difficulty.with_columns(pl.col("tests").fill_null(0))
    by_suite = (
        tasks.group_by("suite", "dataset_hash")
        .agg(tests=test.sum(), examples=(~test).sum())
        .sort("suite")
    )
    empty = by_category.filter((pl.col("tests") == 0) | (pl.col("examples") == 0))["category"]
    none = by_difficulty.filter(pl.col("tests") == 0)["difficulty"]
    missing = [*empty, *(f"difficulty {level}" for level in none)]
    return dg.AssetCheckResult(
        passed=not missing,
        severity=WARN,
        description=f"nothing, or no example, of {', '.join(missing)}" if missing else None,
        metadata={
            "by_category": dg.MetadataValue.md(markdown(by_category)),
            "by_difficulty": dg.MetadataValue.md(markdown(by_difficulty)),
            "by_suite": dg.MetadataValue.md(markdown(by_suite)),
            "dataset_hash": joint_hash(tasks),
        },
    )


@dg.asset_check(
    asset=TASKS.name,
    description="Every gold answer was found to agree with its oracle on every data variant.",
)
def oracle_agreement(bench: dg.ResourceParam[Bench], tasks: pl.DataFrame) -> dg.AssetCheckResult:
    """Verified tasks a suite, from what `darkwood tasks check` left."""
    rows = []
    for suite, dataset_hash, frame in _suites(tasks):
        found = stored_report(bench.settings.datasets / suite, CHECK, dataset_hash)
        verified = int(frame["verified"].sum())
        state = "verified" if verified == frame.height else f"see darkwood tasks check -s {suite}"
        if found is None:
            state = f"not checked yet: run `darkwood tasks check --suite {suite}`"
        rows.append({"suite": suite, "tasks": frame.height, "verified": verified, "state": state})
    total, verified = (sum(row[name] for row in rows) for name in ("tasks", "verified"))
    return dg.AssetCheckResult(
        passed=verified == total,
        severity=WARN,
        description=f"{verified} of {total} verified",
        metadata={"by_suite": dg.MetadataValue.md(markdown(pl.DataFrame(rows)))},
    )


@dg.asset_check(
    asset=TASKS.name,
    description=f"The data variants tell {STRENGTH:.0%} of all mutants of gold from gold.",
)
def mutation_strength(bench: dg.ResourceParam[Bench], tasks: pl.DataFrame) -> dg.AssetCheckResult:
    """Mutants killed a suite, from what `darkwood tasks mutants` left."""
    rows = []
    for suite, dataset_hash, _ in _suites(tasks):
        found = stored_report(bench.settings.datasets / suite, MUTANTS, dataset_hash)
        counts = _strength(found or {})
        state = "" if found else f"not checked yet: run `darkwood tasks mutants --suite {suite}`"
        rows.append({"suite": suite, **counts, "state": state})
    sums = {name: sum(row[name] for row in rows) for name in COUNTED}
    different = sums["mutants"] - sums["equivalent"]
    unchecked = [row["suite"] for row in rows if row["state"]]
    said = f"{sums['killed']} of {different} mutants killed"
    if unchecked:
        said += f"; not checked yet: {', '.join(unchecked)}: run `darkwood tasks mutants`"
    return dg.AssetCheckResult(
        passed=not unchecked and sums["killed"] >= STRENGTH * different,
        severity=WARN,
        description=said,
        metadata={"by_suite": dg.MetadataValue.md(markdown(pl.DataFrame(rows)))},
    )


BANK_CHECKS = [coverage, oracle_agreement, mutation_strength]


def _suites(tasks: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """A suite's name, its dataset hash and its tasks, in the suites' order."""
    for (suite, dataset_hash), frame in tasks.group_by(
        "suite", "dataset_hash", maintain_order=True
    ):
        yield str(suite), str(dataset_hash), frame


def _strength(found: Mapping[str, Any]) -> dict[str, int]:
    return {name: sum(task[name] for task in found.values()) for name in COUNTED}
