"""What the variants of a database are, and what each is for."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Recipe:
    """How a variant differs from the base. Shares are of rows or of cells, 0 to 1."""

    name: str
    rows: int
    """Rows that each table begins with."""
    asked: float = 0.0
    """Of the rows: shaped by a task's constants, met or just missed, in several columns at once."""
    other: float = 0.0
    """Of the remaining cells: a value from somewhere else in the column, or a bound of it."""
    nulls: float = 0.0
    """Of a nullable column's cells, on average; columns differ."""
    few_values: bool = False
    """Columns choose among three values each, so that groups are large and sort keys tie."""
    repeats: float = 0.0
    """Of the rows: another row again, but for what must be unique."""
    crowded: bool = False
    """References are drawn anew, to a few rows often and to some never; rows that are shaped by a
    task refer to rows that meet its constants. Keys that a task asks for are given to some rows."""
    dangling: float = 0.0
    """Of the references that may dangle."""
    empty: Literal["none", "all", "referring", "optional"] = "none"
    """referring: tables that refer to others; optional: tables that are referred to, but where
    every reference may be null or dangle."""


RECIPES = (
    Recipe("shuffled", rows=200),
    Recipe("boundaries", rows=500, asked=0.85, other=0.05, nulls=0.04, crowded=True, dangling=0.05),
    Recipe("boundaries_2", rows=400, asked=0.7, other=0.15, nulls=0.08, crowded=True, repeats=0.1),
    Recipe("nulls", rows=120, asked=0.2, nulls=0.35, dangling=0.1),
    Recipe("ties", rows=120, asked=0.15, few_values=True, repeats=0.3, crowded=True),
    Recipe("unmatched", rows=60, asked=0.3, nulls=0.15, dangling=0.5, crowded=True, repeats=0.05),
    Recipe("few", rows=5, asked=0.6),
    Recipe("single", rows=1, asked=0.5),
    Recipe("optional_empty", rows=40, nulls=0.1, empty="optional"),
    Recipe("referring_empty", rows=20, nulls=0.1, empty="referring"),
    Recipe("empty", rows=0, empty="all"),
)
