"""Window functions."""

from dataclasses import replace

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.aggregates import is_aggregate
from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import is_number
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.ordering import Key, keys_of
from darkwood_bench.harness.sql.translation import Handler, Translation

INT, COUNT = pl.Int64(), pl.UInt32()
_NUMBERS = "pl.int_range(1, pl.len() + 1)"
_Ranking = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)


def has_window(node: Node) -> bool:
    """Whether a window function stands below a node, in its own query."""
    inside = node.walk(prune=lambda each: each is not node and isinstance(each, exp.Query))
    return any(isinstance(each, exp.Window) for each in inside)


def _window(translate: Translation, node: Node) -> Code:
    assert isinstance(node, exp.Window)
    function = node.this
    if isinstance(function, (exp.IgnoreNulls, exp.RespectNulls)) and not is_aggregate(function):
        if isinstance(function, exp.IgnoreNulls) and not isinstance(function.this, exp.AnyValue):
            return _carried(translate, node, function.this)
        function = function.this
    frame = _frame(replace(translate, in_groups=False), node)
    if isinstance(function, _Ranking):
        return _ranking(frame, function)
    if isinstance(function, (exp.Lag, exp.Lead)):
        return _neighbour(frame, function)
    if isinstance(function, (exp.FirstValue, exp.LastValue, exp.NthValue)):
        return _nth(frame, function)
    if is_aggregate(function):
        return _aggregate(frame, function)
    raise Untranslatable(f"{function.key.upper()} as a window function is not translated")


def _carried(translate: Translation, node: exp.Window, function: Node) -> Code:
    """LAST_VALUE(x IGNORE NULLS) up to the current row."""
    frame = _frame(replace(translate, in_groups=False), node)
    spec = frame.spec
    running = spec is None or (
        _end(spec, "end") == (0, "CURRENT") and _end(spec, "start")[0] is None
    )
    if not isinstance(function, exp.LastValue) or not frame.order or not running:
        raise Untranslatable("IGNORE NULLS is translated for a running LAST_VALUE only")
    code = frame.rows(function.this)
    return frame.over(code.call("forward_fill", dtype=code.dtype), ordered=True)


def _frame(rows: Translation, node: exp.Window) -> "Frame":
    return Frame(
        rows,
        [rows(each) for each in node.args.get("partition_by") or ()],
        keys_of(rows, node.args["order"].expressions) if node.args.get("order") else [],
        node.args.get("spec"),
    )


class Frame:
    """What stands in OVER (…)."""

    def __init__(
        self,
        rows: Translation,
        partition: list[Code],
        order: list[Key],
        spec: Node | None,
    ) -> None:
        self.rows = rows
        self.partition = partition
        self.order = order
        self.spec = spec

    def over(self, code: Code, *, ordered: bool = False, more: tuple[str, ...] = ()) -> Code:
        """`code.over(…)`: in each part, in order where that matters."""
        arguments = [each.argument for each in self.partition] + list(more)
        if ordered and self.order:
            arguments += self._order_by()
        if not arguments:
            return code
        return code.call("over", *arguments, dtype=code.dtype)

    def _order_by(self) -> list[str]:
        falling = {key.descending for key in self.order}
        keys = [key.code.argument for key in self.order]
        if len(falling) > 1:
            # `over` falls or rises in all keys alike, so that some are turned round.
            keys = [key.turned() if key.descending else key.code.argument for key in self.order]
        listed = keys[0] if len(keys) == 1 else f"[{', '.join(keys)}]"
        arguments = [f"order_by={listed}"]
        if falling == {True}:
            arguments.append("descending=True")
        if any(key.nulls_last for key in self.order):
            arguments.append("nulls_last=True")
        return arguments

    @property
    def peers(self) -> tuple[str, ...]:
        """The order's keys, by which rows are equal to one another."""
        return tuple(key.code.argument for key in self.order)


def _ranking(frame: Frame, function: Node) -> Code:
    if isinstance(function, exp.RowNumber):
        return frame.over(Code(_NUMBERS, INT, nullable=False), ordered=True)
    if isinstance(function, exp.Ntile):
        return _ntile(frame, function)
    if not frame.order:
        raise Untranslatable(f"{function.key.upper()} without an order is not translated")
    if isinstance(function, exp.DenseRank):
        return _rank(frame, "dense")
    if isinstance(function, exp.Rank):
        return _rank(frame, "min")
    if isinstance(function, exp.PercentRank):
        place = _rank(frame, "min")
        others = frame.over(Code("pl.len()", COUNT, nullable=False))
        # Of one row alone the share is 0.
        text = f"({place.text} - 1) / pl.max_horizontal({others.text} - 1, 1)"
        return Code(text, pl.Float64(), Binding.PRODUCT, nullable=False)
    place, count = _rank(frame, "max"), frame.over(Code("pl.len()", COUNT, nullable=False))
    text = f"{place.text} / {count.text}"
    return Code(text, pl.Float64(), Binding.PRODUCT, nullable=False)


def _rank(frame: Frame, method: str) -> Code:
    """A rank by one key is the key's; by several the least row number of the peers."""
    if len(frame.order) == 1:
        key = frame.order[0]
        arguments = [f'"{method}"'] + (["descending=True"] if key.descending else [])
        code = key.code.call("rank", *arguments, dtype=COUNT)
        if key.code.nullable:
            if not key.nulls_last:
                raise Untranslatable("a rank with nulls first is not translated")
            last = {
                "dense": f"{key.code.expression}.drop_nulls().n_unique() + 1",
                "max": "pl.len()",
            }
            after = last.get(method, f"{key.code.expression}.count() + 1")
            code = code.call("fill_null", after, dtype=COUNT, nullable=False)
        return frame.over(code)
    number = frame.over(Code(_NUMBERS, INT, nullable=False), ordered=True)
    if method in ("min", "max"):
        number = frame.rows.aside("place", number)
        return frame.over(number.call(method, dtype=INT), more=frame.peers)
    items = ", ".join(frame.peers)
    changes = Code(f"pl.struct({items}).rle_id()", COUNT, nullable=False)
    return Code(f"{frame.over(changes, ordered=True).text} + 1", COUNT, Binding.SUM, nullable=False)


def _ntile(frame: Frame, function: Node) -> Code:
    """Parts of equal size, the first ones larger by one where it does not come out even."""
    parts = function.this.name
    at = "pl.int_range(pl.len())"
    size, more = f"pl.len() // {parts}", f"pl.len() % {parts}"
    large = f"({size} + 1) * ({more})"
    text = (
        f"pl.when({at} < {large}).then({at} // ({size} + 1))"
        f".otherwise({more} + ({at} - {large}) // ({size}))"
    )
    tile = frame.over(Code(text, INT, nullable=False), ordered=True)
    return Code(f"{tile.text} + 1", INT, Binding.SUM, nullable=False)


def _neighbour(frame: Frame, function: Node) -> Code:
    code = frame.rows(function.this)
    offset = function.args.get("offset")
    distance = 1 if offset is None else frame.rows(offset).value
    if not isinstance(distance, int):
        raise Untranslatable("LAG by what is not written down is not translated")
    if isinstance(function, exp.Lead):
        distance = -distance
    arguments = [] if distance == 1 else [str(distance)]
    default = function.args.get("default")
    if default is not None:
        arguments.append(f"fill_value={frame.rows(default).argument}")
    return frame.over(code.call("shift", *arguments, dtype=code.dtype, nullable=True), ordered=True)


def _nth(frame: Frame, function: Node) -> Code:
    code = frame.rows(function.this)
    whole = not frame.order or _is_whole(frame.spec)
    if isinstance(function, exp.FirstValue):
        return frame.over(code.call("first", dtype=code.dtype), ordered=True)
    if isinstance(function, exp.NthValue):
        if not whole:
            raise Untranslatable("NTH_VALUE of a running frame is not translated")
        at = frame.rows(function.args["offset"]).value
        if not isinstance(at, int):
            raise Untranslatable("NTH_VALUE by what is not written down is not translated")
        got = code.call("get", str(at - 1), "null_on_oob=True", dtype=code.dtype, nullable=True)
        return frame.over(got, ordered=True)
    if whole:
        return frame.over(code.call("last", dtype=code.dtype), ordered=True)
    raise Untranslatable("LAST_VALUE up to the current row is that of its last peer")


def _is_whole(spec: Node | None) -> bool:
    """Whether a frame reaches from the first row of its part to the last."""
    if spec is None:
        return False
    return (_end(spec, "start"), _end(spec, "end")) == ((None, "PRECEDING"), (None, "FOLLOWING"))


def _end(spec: Node, which: str) -> tuple[int | None, str]:
    """How far a frame reaches: rows (None: without bound) and side."""
    at, side = spec.args.get(which), spec.args.get(f"{which}_side")
    if at == "CURRENT ROW" or (at is None and which == "end"):
        return 0, "CURRENT"
    if at == "UNBOUNDED":
        return None, str(side).upper()
    if isinstance(at, exp.Literal) and at.is_int:
        return int(at.name), str(side).upper()
    raise Untranslatable("a frame between such ends is not translated")


def _aggregate(frame: Frame, function: Node) -> Code:
    if not frame.order or _is_whole(frame.spec):
        code = frame.rows(function)
        return replace(frame.over(code), unguarded=None)
    return _running(frame, function)


def _running(frame: Frame, function: Node) -> Code:
    """An aggregate of the rows up to the current one, or of those around it."""
    spec = frame.spec
    by_rows = spec is not None and str(spec.args.get("kind")).upper() == "ROWS"
    start = (None, "PRECEDING") if spec is None else _end(spec, "start")
    end = (0, "CURRENT") if spec is None else _end(spec, "end")
    if start[0] is None and end == (0, "CURRENT"):
        code = _cumulative(frame, function)
        result = frame.over(code, ordered=True)
        if by_rows:
            return result
        # RANGE, the default: rows that are equal in the order share the value of the last of them.
        result = frame.rows.aside("so_far", result)
        return frame.over(result.call(_last(function), dtype=code.dtype), more=frame.peers)
    if not by_rows:
        raise Untranslatable("RANGE between such ends is not translated")
    return _rolling(frame, function, start, end)


def _last(function: Node) -> str:
    """How the value of the last of several rows is found among theirs."""
    return {exp.Count: "max", exp.Max: "max", exp.Min: "min"}.get(type(function), "last")


def _cumulative(frame: Frame, function: Node) -> Code:
    if isinstance(function, exp.Count):
        if _counts_rows(function):
            return Code(_NUMBERS, INT, nullable=False)
        if isinstance(function.this, exp.Distinct):
            raise Untranslatable("a running count of different values is not translated")
        return frame.rows(function.this).call("cum_count", dtype=COUNT, nullable=False)
    if isinstance(function.this, (exp.Distinct, exp.Order)):
        raise Untranslatable("DISTINCT or ORDER BY in a running aggregate is not translated")
    kinds = {exp.Sum: "cum_sum", exp.Min: "cum_min", exp.Max: "cum_max", exp.Avg: "cum_sum"}
    if type(function) not in kinds:
        raise Untranslatable(f"a running {function.key.upper()} is not translated")
    code = frame.rows(function.this)
    if isinstance(code.dtype, pl.Boolean) and isinstance(function, (exp.Sum, exp.Avg)):
        code = code.call("cast", "pl.Int64", dtype=INT)
    if code.python:
        code = Code(f"pl.repeat({code.text}, pl.len())", code.dtype, nullable=False)
    running = code.call(kinds[type(function)], dtype=code.dtype)
    if code.nullable:
        running = running.call("forward_fill", dtype=code.dtype)
    if isinstance(function, exp.Avg):
        text = f"{running.text} / {code.expression}.cum_count()"
        return Code(text, pl.Float64(), Binding.PRODUCT, code.nullable)
    return running


def _counts_rows(function: exp.Count) -> bool:
    return function.this is None or isinstance(function.this, (exp.Star, exp.Literal))


def _rolling(
    frame: Frame,
    function: Node,
    start: tuple[int | None, str],
    end: tuple[int | None, str],
) -> Code:
    """ROWS BETWEEN n PRECEDING AND CURRENT ROW, or up to rows that follow."""
    kinds = {exp.Sum: "sum", exp.Avg: "mean", exp.Min: "min", exp.Max: "max"}
    counting = isinstance(function, exp.Count)
    if type(function) not in kinds and not counting:
        raise Untranslatable(f"{function.key.upper()} of a moving frame is not translated")
    before, after = _signed(start, "PRECEDING"), _signed(end, "FOLLOWING")
    if before is None or after is None or before + after < 0 or after < 0:
        raise Untranslatable("a moving frame between such ends is not translated")
    width = before + after + 1
    if counting:
        # The window's count is the sum of what is there.
        inner = function.this
        one = "pl.repeat(1, pl.len())"
        if not _counts_rows(function):
            if isinstance(inner, exp.Distinct):
                raise Untranslatable("a moving count of different values is not translated")
            one = frame.rows(inner).call("is_not_null").call("cast", "pl.Int64").text
        code, method = Code(one, INT, nullable=False), "sum"
    else:
        code, method = frame.rows(function.this), kinds[type(function)]
    if not is_number(code.dtype):
        raise Untranslatable("a moving frame over what is no number is not translated")
    if after:
        # What follows is moved up, and the end of a part filled with nulls.
        raise Untranslatable("a frame that reaches past the current row is not translated")
    dtype = pl.Float64() if method == "mean" else code.dtype
    rolled = code.call(f"rolling_{method}", str(width), "min_samples=1", dtype=dtype, nullable=True)
    return frame.over(rolled, ordered=True)


def _signed(end: tuple[int | None, str], positive: str) -> int | None:
    rows, side = end
    if rows is None:
        return None
    return rows if side in (positive, "CURRENT") else -rows


HANDLERS: dict[type[Node], Handler] = {exp.Window: _window}
