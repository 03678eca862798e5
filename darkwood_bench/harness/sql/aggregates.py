"""Aggregates, over groups and over whole frames."""

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import is_number, widened
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import condition
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

FLOAT, COUNT = pl.Float64(), pl.UInt32()


def is_aggregate(node: Node) -> bool:
    """Whether a node is an aggregate itself."""
    return type(node) in HANDLERS


def aggregates_in(node: Node) -> list[Node]:
    """The outermost aggregates below a node that belong to its own query.

    The function of a window is none, what it is applied to may be one.
    """
    found: list[Node] = []

    def look(each: Node) -> None:
        if isinstance(each, exp.Query):
            return
        if is_aggregate(each):
            found.append(each)
            return
        if isinstance(each, exp.Window):
            function = each.this
            while isinstance(function, (exp.Filter, exp.IgnoreNulls)):
                function = function.this
            parts = [*function.iter_expressions(), *(each.args.get("partition_by") or ())]
            for part in [*parts, *filter(None, [each.args.get("order")])]:
                look(part)
            return
        for child in each.iter_expressions():
            look(child)

    look(node)
    return found


def _filtered(translate: Translation, node: Node) -> Code:
    """`sum(x) FILTER (WHERE c)`: the aggregate of those rows."""
    inner = node.this
    if not is_aggregate(inner):
        raise Untranslatable(f"FILTER after {inner.key} is not translated")
    rows = translate.rows()
    kept = condition(rows(node.expression.this))
    return _aggregate(translate, inner, kept)


def _plain(translate: Translation, node: Node) -> Code:
    return _aggregate(translate, node, None)


def _aggregate(translate: Translation, node: Node, kept: Code | None) -> Code:
    rows = translate.rows()
    if isinstance(node, exp.CountIf):
        met = condition(rows(node.this))
        return _count_of(met if kept is None else _both(met, kept))
    if isinstance(node, exp.Count):
        return _count(rows, node, kept)
    if isinstance(node, exp.WithinGroup):
        return _within_group(rows, node, kept)
    inner = node.this
    order: exp.Order | None = None
    if isinstance(inner, exp.Order):
        inner, order = inner.this, inner
    if isinstance(inner, exp.Limit):
        raise Untranslatable("LIMIT in an aggregate is not translated")
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        assert isinstance(inner, exp.Distinct)
        if len(inner.expressions) != 1:
            raise Untranslatable("DISTINCT of several columns in an aggregate is not translated")
        inner = inner.expressions[0]
        if isinstance(inner, exp.Order):
            inner, order = inner.this, inner
    code = rows(inner)
    if code.python:
        code = Code(f"pl.lit({code.text})", code.dtype, nullable=code.nullable)
    if order is not None:
        code = _sorted(rows, code, order)
    if kept is not None:
        code = code.call("filter", kept.text, dtype=code.dtype)
    if distinct:
        code = code.call("unique", *(["maintain_order=True"] if order else []), dtype=code.dtype)
    return _of(translate, node, code, never_empty=translate.in_groups and kept is None)


def _both(one: Code, other: Code) -> Code:
    text = f"{one.at_least(Binding.AND)} & {other.at_least(Binding.AND)}"
    return Code(text, pl.Boolean(), Binding.AND, one.nullable or other.nullable)


def _count_of(met: Code) -> Code:
    """How many rows meet a condition."""
    return met.call("sum", dtype=COUNT, nullable=False)


def _count(rows: Translation, node: exp.Count, kept: Code | None) -> Code:
    inner = node.this
    if isinstance(inner, exp.Distinct):
        return _count_distinct(rows, inner, kept)
    if inner is None or isinstance(inner, (exp.Star, exp.Literal)):
        if kept is not None:
            return _count_of(kept)
        return Code("pl.len()", COUNT, nullable=False)
    if isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star):
        return Code("pl.len()", COUNT, nullable=False)
    code = rows(inner)
    if kept is not None:
        code = code.call("filter", kept.text, dtype=code.dtype)
    elif not code.nullable:
        return Code("pl.len()", COUNT, nullable=False)
    return code.call("count", dtype=COUNT, nullable=False)


def _count_distinct(rows: Translation, inner: exp.Distinct, kept: Code | None) -> Code:
    codes = [rows(each) for each in inner.expressions]
    if len(codes) == 1:
        code = codes[0]
    else:
        items = ", ".join(each.argument for each in codes)
        code = Code(f"pl.struct({items})", None, nullable=False)
    if kept is not None:
        code = code.call("filter", kept.text, dtype=code.dtype)
    if code.nullable:
        code = code.call("drop_nulls", dtype=code.dtype)
    return code.call("n_unique", dtype=COUNT, nullable=False)


def _sorted(rows: Translation, code: Code, order: exp.Order) -> Code:
    keys = [rows(each.this) for each in order.expressions]
    falling = [bool(each.args.get("desc")) for each in order.expressions]
    if len(keys) == 1 and keys[0] == code:
        arguments = (["descending=True"] if falling[0] else []) + ["nulls_last=True"]
        return code.call("sort", *arguments, dtype=code.dtype)
    arguments = [key.argument for key in keys]
    if any(falling):
        arguments.append(f"descending={falling if len(falling) > 1 else True}")
    return code.call("sort_by", *arguments, "nulls_last=True", dtype=code.dtype)


def _of(translate: Translation, node: Node, code: Code, *, never_empty: bool) -> Code:
    """An aggregate of a column's values."""
    kind = type(node)
    if isinstance(node, exp.Sum):
        return _sum(code, never_empty=never_empty)
    if kind in _METHODS:
        method, dtype = _METHODS[kind]
        sure = never_empty and not code.nullable and kind not in _OF_TWO_OR_MORE
        number = code
        if dtype is FLOAT and isinstance(code.dtype, pl.Boolean):
            number = code.call("cast", "pl.Int8")
        of_all = ["ddof=0"] if kind in (exp.StddevPop, exp.VariancePop) else []
        return number.call(method, *of_all, dtype=dtype or code.dtype, nullable=not sure)
    if isinstance(node, (exp.First, exp.Last, exp.AnyValue)):
        method = "last" if isinstance(node, exp.Last) else "first"
        ignoring = isinstance(node, exp.AnyValue) and code.nullable
        arguments = ["ignore_nulls=True"] if ignoring else []
        return code.call(method, *arguments, dtype=code.dtype, nullable=True)
    if isinstance(node, (exp.ArgMax, exp.ArgMin)):
        return _at_extreme(translate, node, code)
    if isinstance(node, (exp.Quantile, exp.PercentileCont, exp.PercentileDisc)):
        return _quantile(code, node.expression, isinstance(node, exp.PercentileCont))
    if isinstance(node, exp.Mode):
        return code.call("drop_nulls").call("mode").call("first", dtype=code.dtype)
    if isinstance(node, (exp.LogicalOr, exp.LogicalAnd)):
        method = "any" if isinstance(node, exp.LogicalOr) else "all"
        return _guarded(code, f"{code.expression}.{method}()", pl.Boolean(), never_empty)
    if isinstance(node, (exp.GroupConcat,)):
        return _concatenated(translate, node, code, never_empty)
    if isinstance(node, (exp.ArrayAgg, exp.ArrayUniqueAgg)):
        dtype = None if code.dtype is None else pl.List(code.dtype)
        entries = code.call("implode", dtype=dtype, nullable=False)
        if never_empty:
            return entries
        return Code(f"pl.when(pl.len() > 0).then({entries.text})", dtype)
    if isinstance(node, exp.Corr):
        return Code(
            f"pl.corr({code.argument}, {translate.rows()(node.expression).argument})", FLOAT
        )
    raise Untranslatable(f"{node.key.upper()} is not translated")


_METHODS: dict[type[Node], tuple[str, pl.DataType | None]] = {
    exp.Avg: ("mean", FLOAT),
    exp.Min: ("min", None),
    exp.Max: ("max", None),
    exp.Median: ("median", FLOAT),
    exp.Stddev: ("std", FLOAT),
    exp.StddevSamp: ("std", FLOAT),
    exp.StddevPop: ("std", FLOAT),
    exp.Variance: ("var", FLOAT),
    exp.VariancePop: ("var", FLOAT),
}
_OF_TWO_OR_MORE = (exp.Stddev, exp.StddevSamp, exp.Variance)


def _sum(code: Code, *, never_empty: bool) -> Code:
    """Null where there is nothing to add, where Polars has 0."""
    if code.dtype is not None and not (is_number(code.dtype) or _adds(code.dtype)):
        raise Untranslatable(f"a sum of {code.dtype}")
    dtype = pl.Int64() if isinstance(code.dtype, pl.Boolean) else widened(code).dtype
    return _guarded(code, f"{code.expression}.sum()", dtype, never_empty)


def _adds(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.Boolean, pl.Duration, pl.Null))


def _guarded(code: Code, text: str, dtype: pl.DataType | None, never_empty: bool) -> Code:
    if never_empty and not code.nullable:
        return Code(text, dtype, nullable=False)
    some = f"pl.when({code.expression}.count() > 0).then({text})"
    return Code(some, dtype, unguarded=text)


def _at_extreme(translate: Translation, node: Node, code: Code) -> Code:
    if node.args.get("count") is not None:
        raise Untranslatable("ARG_MAX with a number is not translated")
    by = translate.rows()(node.expression)
    method = "max_by" if isinstance(node, exp.ArgMax) else "min_by"
    if code.nullable:
        # Rows whose value is null do not take part.
        by_kept = by.call("filter", f"{code.expression}.is_not_null()")
        kept = code.call("drop_nulls", dtype=code.dtype)
        return kept.call(method, by_kept.text, dtype=code.dtype, nullable=True)
    return code.call(method, by.argument, dtype=code.dtype, nullable=True)


def _quantile(code: Code, share: Node | None, linear: bool) -> Code:
    if not isinstance(share, exp.Literal) or share.is_string:
        raise Untranslatable("a quantile whose share is not written down is not translated")
    method = "linear" if linear else "lower"
    return code.call("quantile", share.name, f'"{method}"', dtype=FLOAT if linear else code.dtype)


def _within_group(rows: Translation, node: exp.WithinGroup, kept: Code | None) -> Code:
    inner, order = node.this, node.expression
    if not isinstance(inner, (exp.PercentileCont, exp.PercentileDisc)) or not isinstance(
        order, exp.Order
    ):
        raise Untranslatable("WITHIN GROUP is translated for percentiles only")
    code = rows(order.expressions[0].this)
    if order.expressions[0].args.get("desc"):
        raise Untranslatable("a percentile of a falling order is not translated")
    if kept is not None:
        code = code.call("filter", kept.text, dtype=code.dtype)
    return _quantile(code, inner.this, isinstance(inner, exp.PercentileCont))


def _concatenated(translate: Translation, node: Node, code: Code, never_empty: bool) -> Code:
    separator = node.args.get("separator")
    mark = '","' if separator is None else translate.rows()(separator).text
    if not isinstance(code.dtype, pl.String):
        code = code.call("cast", "pl.String", dtype=pl.String())
    return _guarded(code, f"{code.expression}.str.join({mark})", pl.String(), never_empty)


HANDLERS: dict[type[Node], Handler] = {
    exp.Filter: _filtered,
    **dict.fromkeys(
        (
            *(exp.Count, exp.CountIf, exp.Sum, exp.First, exp.Last, exp.AnyValue, exp.ArgMax),
            *(exp.ArgMin, exp.Quantile, exp.PercentileCont, exp.PercentileDisc, exp.WithinGroup),
            *(exp.Mode, exp.LogicalOr, exp.LogicalAnd, exp.GroupConcat, exp.ArrayAgg, exp.Corr),
            *(exp.ArrayUniqueAgg, *_METHODS),
        ),
        _plain,
    ),
}
