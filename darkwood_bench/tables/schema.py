"""What a table is: its columns, what may stand in them, and how rows become a frame."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema


@dataclass(frozen=True)
class Column:
    """One column: what it holds and which values may stand in it."""

    dtype: pl.DataType
    about: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    """The only values, where they are a closed list."""
    minimum: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, and the columns that name a row."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: Mapping[str, Column] = field(repr=False)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and dtypes, as Polars takes them."""
        return {name: column.dtype for name, column in self.columns.items()}

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
        """Rows as a frame of exactly this table's columns.

        Raises KeyError for a row that lacks a column or has one that the table does not know, and
        TypeError (Polars) for a value of another type.
        """
        rows = list(rows)
        for row in rows:
            if different := row.keys() ^ self.columns.keys():
                raise KeyError(f"table {self.name}: row and table differ in {sorted(different)}")
        return pl.DataFrame(rows, schema=self.schema, orient="row", strict=True)


def pandera_schema(table: Table) -> "DataFrameSchema":
    """The pandera schema of a table: dtypes, nulls, closed lists, minima, a unique key."""
    import pandera.polars as pa

    def column(spec: Column) -> Any:
        checks = []
        if spec.allowed:
            checks.append(pa.Check.isin(list(spec.allowed)))
        if spec.minimum is not None:
            checks.append(pa.Check.ge(spec.minimum))
        return pa.Column(spec.dtype, checks=checks, nullable=spec.nullable)

    return pa.DataFrameSchema(
        {name: column(spec) for name, spec in table.columns.items()},
        unique=list(table.key),
        strict=True,
        name=table.name,
    )
