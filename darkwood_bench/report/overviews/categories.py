"""Accuracy by category and difficulty, as a heat map."""

from collections.abc import Sequence
from typing import Any

from darkwood_bench.report.contents import Contents, Row, System
from darkwood_bench.report.overviews.grouping import group_heading, groups
from darkwood_bench.tables import CATEGORIES


def categories(contents: Contents) -> dict[str, Any]:
    """Accuracy by category and by difficulty."""
    found = []
    for identity, board, systems in groups(contents):
        asked = {part["category"] for system in systems for part in system.parts}
        levels = sorted(name for name in asked if name.startswith("difficulty"))
        tables = [
            ("Category", [name for name in CATEGORIES if name in asked]),
            ("Difficulty", levels),
        ]
        found.append(
            {
                "id": identity,
                **group_heading(board),
                "tables": [
                    {
                        "name": name,
                        "columns": [column.removeprefix("difficulty ") for column in columns],
                        "rows": [_heat_row(system, columns) for system in systems],
                    }
                    for name, columns in tables
                    if columns
                ],
            }
        )
    return {"groups": found}


def _heat_row(system: System, columns: Sequence[str]) -> dict[str, Any]:
    parts = {part["category"]: part for part in system.parts}
    return {
        "model": system.model,
        "prompt_variant": system.variant,
        "all": _heat_cell(system.board),
        "cells": [_heat_cell(parts.get(name)) for name in columns],
    }


def _heat_cell(row: Row | None) -> dict[str, Any] | None:
    if row is None or not row["n_tasks"]:
        return None
    share = row["accuracy"]
    return {"accuracy": share, "N": row["N"], "n_tasks": row["n_tasks"], "heat": round(share * 10)}
