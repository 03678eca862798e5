"""How two frames with the same columns differ: in their number of rows, their rows, their order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from darkwood_bench.validation.dtypes import common_dtypes
from darkwood_bench.validation.pairing import OpenRows
from darkwood_bench.validation.rows import Unmatched, rows_agree, unmatched_rows
from darkwood_bench.validation.telling import Frames, row_count_message, values_message
from darkwood_bench.validation.wording import named, row_text

MismatchKind = Literal[
    "wrong_columns", "wrong_dtype", "wrong_row_count", "wrong_values", "wrong_order"
]


@dataclass(frozen=True)
class Mismatch:
    """How a result differs from gold: the first kind that applies, in the order of the kinds."""

    kind: MismatchKind
    message: str
    """One line for a person: which columns, how many rows, the first that differs."""


@dataclass(frozen=True)
class _Disorder:
    """How the order of two frames differs, should they hold the same rows."""

    message: str
    searched: OpenRows | None = None
    """The rows that may be misplaced, where the others are known not to be."""


def compare_rows(got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]) -> Mismatch | None:
    """Compare frames of the same column names in the same order and of interchangeable dtypes."""
    found = _difference(got, gold, order_by)
    return Mismatch(found.kind, found.message()) if found else None


def rows_differ(got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str] = ()) -> bool:
    """Whether `compare_rows` finds a difference: for those who try many pairs and tell of none."""
    return _difference(got, gold, order_by) is not None


@dataclass(frozen=True)
class _Difference:
    kind: MismatchKind
    message: Callable[[], str]
    """Put into words only where somebody reads them: that takes longer than small frames do."""


def _difference(
    got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]
) -> _Difference | None:
    shown = got, gold
    try:
        got, gold = to_common_dtypes(got, gold)
    except pl.exceptions.InvalidOperationError as error:
        # The other side's dtype cannot hold this value, so no value there equals it.
        said = f"a value out of gold's range: {str(error).splitlines()[0]}"
        frames = Frames(*shown, *shown)
        return _row_count(frames, None, ()) or _Difference("wrong_values", lambda: said)
    frames = Frames(*shown, got, gold)
    if not gold.width:
        return _row_count(frames, None, ())
    disorder = None
    if order_by and got.height == gold.height:
        disorder = _order(*shown, got, gold, order_by)
        if disorder is None:
            return None  # the right rows in the right order
    unmatched = unmatched_rows(got, gold, among=disorder.searched if disorder else None)
    if unmatched:
        return _row_count(frames, unmatched, order_by) or _Difference(
            "wrong_values", lambda: values_message(frames, unmatched, order_by)
        )
    return _Difference("wrong_order", lambda: disorder.message) if disorder else None


def _row_count(
    frames: Frames, unmatched: Unmatched | None, order_by: Sequence[str]
) -> _Difference | None:
    if frames.got.height == frames.gold.height:
        return None
    return _Difference("wrong_row_count", lambda: row_count_message(frames, unmatched, order_by))


def to_common_dtypes(got: pl.DataFrame, gold: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cast two frames of the same column names so that equal values become equal.

    Raises polars' InvalidOperationError when a value of one is out of the other's range.
    """
    pairs = {name: common_dtypes(got.schema[name], dtype) for name, dtype in gold.schema.items()}
    common = {name: pair for name, pair in pairs.items() if pair is not None}
    return (
        got.with_columns(pl.col(name).cast(pair[0]) for name, pair in common.items()),
        gold.with_columns(pl.col(name).cast(pair[1]) for name, pair in common.items()),
    )


def _order(
    shown_got: pl.DataFrame,
    shown_gold: pl.DataFrame,
    got: pl.DataFrame,
    gold: pl.DataFrame,
    order_by: Sequence[str],
) -> _Disorder | None:
    """How two equally tall frames differ in their order, should they hold the same rows.

    None when they hold the same rows, and in the right order.
    """
    got_keys, gold_keys = got.select(order_by), gold.select(order_by)
    agree = rows_agree(got_keys, gold_keys)
    if not agree.all():
        first = agree.arg_min() or 0
        return _Disorder(
            f"the rows are right, but not ordered by {named(order_by)}; first at row {first + 1}: "
            f"expected {row_text(shown_gold.select(order_by), first)}, "
            f"got {row_text(shown_got.select(order_by), first)}",
        )
    # A tie that rounding hides on one side may be open on the other.
    tied = rows_agree(got_keys[1:], got_keys[:-1]) | rows_agree(gold_keys[1:], gold_keys[:-1])
    runs = pl.concat([pl.Series([0], dtype=pl.Int64), (~tied).cast(pl.Int64)]).cum_sum()[
        : got.height
    ]
    unmatched = unmatched_rows(got, gold, runs=runs)
    if unmatched is None:
        return None
    row = unmatched.gold[0]
    return _Disorder(
        f"the rows are right, but one is not where {named(order_by)} puts it: "
        f"expected near row {row + 1}: {row_text(shown_gold, row)}",
        unmatched.searched,
    )
