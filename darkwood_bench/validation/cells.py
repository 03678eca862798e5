"""Two frames taken apart into cells that are compared exactly and floats that are compared by
tolerance. Nested columns become an exact shape (with everything in it but floats) and the floats in
order, so that tolerance reaches into lists and structs of any depth."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from darkwood_bench.validation.tolerance import Floats, Ids, close, close_expr, clusters

RUN = "run"
"""A flat column beside those of the frame, which are named by position."""
_WORTH_A_THREAD = 100_000
"""Rows from which columns are worked on side by side."""


@dataclass(frozen=True)
class Cells:
    """A frame's cells, column by column, named by position."""

    flat: pl.DataFrame
    """Floats are Float64; a nested column is the number of its shape."""
    nested: list[list[tuple[float, ...]]]
    """For each nested column the floats within it, row by row."""

    def within(self, runs: pl.Series) -> "Cells":
        """The same cells with a number for each row, which only rows of that number can equal."""
        return Cells(self.flat.with_columns(runs.alias(RUN)), self.nested)

    def take(self, rows: Ids) -> "Cells":
        """The cells of some rows."""
        numbers = rows.tolist()
        return Cells(self.flat[rows], [[column[row] for row in numbers] for column in self.nested])

    def loose_floats(self, keys: "Keys") -> Floats:
        """The flat float columns that the keys leave open, shape (rows, columns); 0 for what is
        not finite (rows that share a key have those in the same places)."""
        columns = [self.flat[name].fill_null(0.0).to_numpy() for name in keys.loose]
        matrix = np.stack(columns, axis=1) if columns else np.empty((self.flat.height, 0))
        return np.where(np.isfinite(matrix), matrix, 0.0)

    def loose_nested(self, keys: "Keys", rows: Ids) -> Floats:
        """The same for the floats in nested columns, of some rows that share a key."""
        inner = [
            [value for position in keys.loose_nested for value in self.nested[position][row]]
            for row in rows.tolist()
        ]
        matrix = np.array(inner, dtype=np.float64).reshape(len(rows), -1)
        return np.where(np.isfinite(matrix), matrix, 0.0)


@dataclass(frozen=True)
class Keys:
    """A number for each row's key: its exact cells and the clusters of its floats.

    Rows that are equal share a key. Rows that share a key are equal in all but the loose columns:
    those with a cluster whose ends are not close.
    """

    left: Ids
    right: Ids
    loose: list[str]
    loose_nested: list[int]


def take_apart(left: pl.DataFrame, right: pl.DataFrame) -> tuple[Cells, Cells]:
    """Cells of two frames with the same column names, cast to common dtypes."""
    flat: list[list[pl.Series]] = [[], []]
    nested: list[list[list[tuple[float, ...]]]] = [[], []]
    for position, name in enumerate(left.columns):
        shapes: dict[Any, int] = {}
        for side, frame in enumerate((left, right)):
            column = frame[name].alias(str(position))
            if column.dtype.is_nested():
                numbers, inner = _shapes_and_floats(column, shapes)
                flat[side].append(numbers)
                nested[side].append(inner)
            else:
                flat[side].append(column)
    return Cells(pl.DataFrame(flat[0]), nested[0]), Cells(pl.DataFrame(flat[1]), nested[1])


def columns_close(
    left: Cells, right: Cells, partners: Ids | None = None
) -> Iterator[npt.NDArray[np.bool_]]:
    """Column by column, for each row of the right side: whether the cells of a pair are equal.

    `partners`: the number of each right row's partner on the left; by default that beside it.
    Two columns are worked on at once, and no more, so that two tall frames are never copied whole.
    """
    rows = None if partners is None else pl.Series(partners, dtype=pl.UInt32)

    def equal(name: str) -> npt.NDArray[np.bool_]:
        return _cells_close(left.flat[name], right.flat[name], rows)

    if right.flat.height < _WORTH_A_THREAD:
        yield from map(equal, left.flat.columns)
    else:
        # Looking up partners waits for memory: two cores do it in little more than half the time.
        pool = ThreadPoolExecutor(max_workers=2)
        try:
            yield from pool.map(equal, left.flat.columns)
        finally:
            pool.shutdown(cancel_futures=True)
    if not left.nested:
        return
    numbers = range(right.flat.height) if partners is None else partners.tolist()
    for ours, theirs in zip(left.nested, right.nested, strict=True):
        yield np.array(
            [
                _inner_close(ours[number], other)
                for number, other in zip(numbers, theirs, strict=True)
            ],
            dtype=np.bool_,
        )


def _cells_close(
    ours: pl.Series, theirs: pl.Series, partners: pl.Series | None
) -> npt.NDArray[np.bool_]:
    """For each cell of `theirs`, whether its partner in `ours` equals it."""
    if partners is not None:
        ours = ours.rechunk().gather(partners)  # from many chunks it is ten times as slow
    pair = pl.DataFrame([ours.alias("ours"), theirs.alias("theirs")])
    both = pl.col("ours"), pl.col("theirs")
    equal = close_expr(*both) if theirs.dtype.is_float() else both[0].eq_missing(both[1])
    return pair.select(equal.alias("equal"))["equal"].to_numpy()


def rows_close(left: Cells, right: Cells) -> pl.Series:
    """Row by row, for two equally tall frames: whether all cells are equal."""
    agree = np.ones(left.flat.height, dtype=np.bool_)
    for column in columns_close(left, right):
        agree &= column
    return pl.Series(agree)


def _inner_close(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return len(one) == len(other) and bool(close(np.array(one), np.array(other)).all())


def number_keys(left: Cells, right: Cells) -> Keys:
    """Number the rows of both sides by their key."""
    columns: list[pl.Series] = []
    loose, loose_nested = [], []
    for column in pl.concat([left.flat, right.flat]).get_columns():
        if column.dtype.is_float():
            missing = column.is_null().to_numpy()
            ids, tight = clusters(column.fill_null(0.0).to_numpy(), missing)
            loose += [] if tight else [column.name]
            column = pl.Series(column.name, ids)
        columns.append(column)
    for position, (ours, theirs) in enumerate(zip(left.nested, right.nested, strict=True)):
        ids, tight = _nested_clusters([*ours, *theirs])
        loose_nested += [] if tight else [position]
        columns.append(pl.Series(f"nested {position}", ids, dtype=pl.Int64))
    numbers = _number_rows(pl.DataFrame(columns))
    height = left.flat.height
    return Keys(numbers[:height], numbers[height:], loose, loose_nested)


def _shapes_and_floats(
    column: pl.Series, shapes: dict[Any, int]
) -> tuple[pl.Series, list[tuple[float, ...]]]:
    """Number each value's shape (`shapes` is shared by both sides) and list its floats."""
    numbers, floats = [], []
    for value in column.cast(_without_times(column.dtype)).to_list():
        inner: list[float] = []
        shape = _shape(value, inner)
        numbers.append(shapes.setdefault(shape, len(shapes)))
        floats.append(tuple(inner))
    return pl.Series(column.name, numbers, dtype=pl.UInt32), floats


def _shape(value: Any, floats: list[float]) -> Any:
    """A hashable stand-in for a value: equal for values that differ in nothing but floats."""
    if isinstance(value, float):
        floats.append(value)
        return float
    if isinstance(value, dict):
        return tuple((name, _shape(value[name], floats)) for name in sorted(value))
    if isinstance(value, list):
        return tuple(_shape(item, floats) for item in value)
    return value


def _without_times(dtype: Any) -> pl.DataType:
    """The dtype with dates and times as integers: Python's own have neither nanoseconds nor years
    beyond 9999."""
    if isinstance(dtype, pl.List):
        return pl.List(_without_times(dtype.inner))
    if isinstance(dtype, pl.Array):
        return pl.Array(_without_times(dtype.inner), dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _without_times(field.dtype) for field in dtype.fields})
    return pl.Int64() if dtype in (pl.Date, pl.Datetime, pl.Duration, pl.Time) else dtype


def _nested_clusters(rows: Sequence[tuple[float, ...]]) -> tuple[list[int], bool]:
    values = np.array([value for row in rows for value in row], dtype=np.float64)
    ids, tight = clusters(values, np.zeros(len(values), dtype=np.bool_))
    known: dict[tuple[int, ...], int] = {}
    remaining = iter(ids.tolist())
    return [
        known.setdefault(tuple(next(remaining) for _ in row), len(known)) for row in rows
    ], tight


def _number_rows(frame: pl.DataFrame) -> Ids:
    """Equal rows get equal numbers, from 0 without gaps; null equals null."""
    ordered = frame.with_row_index("row").sort(frame.columns)
    first_of_its_kind = ordered.select(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in frame.columns)
    ).to_series()
    starts = first_of_its_kind.to_numpy().copy()
    starts[:1] = False
    numbers = np.empty(frame.height, dtype=np.int64)
    numbers[ordered["row"].to_numpy()] = np.cumsum(starts)
    return numbers
