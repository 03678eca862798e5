"""Blocking checks: a table that breaks its contract stops everything that would read it."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.partitions import GRID
from darkwood_bench.tables import LEADERBOARD, TABLES, TASKS, Table, pandera_schema

SHOWN_FAILURES = 10
UNPARTITIONED = (TASKS.name, LEADERBOARD.name)


def violations(table: Table, frame: pl.DataFrame) -> pl.DataFrame | None:
    """What breaks a table's contract, a row a failure (column, check, failure_case); or None."""
    from pandera.errors import SchemaErrors

    try:
        pandera_schema(table).validate(frame, lazy=True)
    except SchemaErrors as errors:
        return pl.DataFrame(errors.failure_cases).select(
            pl.col("column", "check", "failure_case").cast(pl.String)
        )
    return None


def contract_check(table: Table) -> dg.AssetChecksDefinition:
    """The check of one table, over each partition that the run wrote."""

    @dg.asset_check(
        name="contract",
        asset=table.name,
        blocking=True,
        description=f"Columns, dtypes, nulls, closed lists and keys of the table {table.name}.",
        partitions_def=None if table.name in UNPARTITIONED else GRID,
    )
    def check(frames: Any) -> dg.AssetCheckResult:
        parts: Mapping[str, pl.DataFrame] = (
            {"": frames} if isinstance(frames, pl.DataFrame) else frames
        )
        failures = {
            part: found
            for part, frame in parts.items()
            if (found := violations(table, frame)) is not None
        }
        return dg.AssetCheckResult(
            passed=not failures,
            metadata={
                "rows": sum(frame.height for frame in parts.values()),
                **{
                    f"failures {part}".strip(): dg.MetadataValue.json(
                        found.head(SHOWN_FAILURES).to_dicts()
                    )
                    for part, found in failures.items()
                },
            },
        )

    return check


CONTRACT_CHECKS = [contract_check(table) for table in TABLES.values()]
