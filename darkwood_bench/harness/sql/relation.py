"""What a query's FROM gives: a frame, and which of its columns each source's names are."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from darkwood_bench.harness.sql.chain import Chain


@dataclass(frozen=True)
class Column:
    """A column of a frame."""

    name: str
    dtype: pl.DataType | None = None
    nullable: bool = True


Columns = Mapping[str, Column]
"""By the names that SQL knows them by."""


@dataclass(frozen=True)
class Source:
    """A table, a common table expression or a derived table under its alias."""

    alias: str
    columns: Columns
    written: str = ""
    """The alias in the query, where another one keeps it apart from a source around it."""


@dataclass(frozen=True)
class Relation:
    """Sources joined into one frame."""

    chain: Chain
    sources: tuple[Source, ...]

    @property
    def names(self) -> list[str]:
        """Every column of the frame that some source knows, once."""
        return list(
            dict.fromkeys(
                column.name for source in self.sources for column in source.columns.values()
            )
        )


@dataclass(frozen=True)
class Table:
    """A finished query: a frame with just these columns, by their names."""

    chain: Chain
    columns: Columns
