"""Functions that the parser knows by name only."""

from collections.abc import Callable, Sequence

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Code
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions import dates, formats, spans
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

Arguments = Sequence[Node]
Function = Callable[[Translation, Arguments], Code]


def _anonymous(translate: Translation, node: Node) -> Code:
    name = str(node.this).lower()
    if name not in _FUNCTIONS:
        raise Untranslatable(f"the function {name} is not translated")
    wanted, function = _FUNCTIONS[name]
    if len(node.expressions) not in wanted:
        raise Untranslatable(f"{name} with {len(node.expressions)} arguments is not translated")
    return function(translate, node.expressions)


def _date_part(translate: Translation, arguments: Arguments) -> Code:
    return dates.part(translate(arguments[1]), arguments[0].name)


def _part(name: str) -> Function:
    return lambda translate, arguments: dates.part(translate(arguments[0]), name)


def _try_strptime(translate: Translation, arguments: Arguments) -> Code:
    pattern = formats.pattern_of(arguments[1])
    return formats.read(translate(arguments[0]), pattern, strict=False)


def _to_date(translate: Translation, arguments: Arguments) -> Code:
    """Postgres' patterns, MySQL's, or none."""
    code = translate(arguments[0])
    if len(arguments) == 1:
        return spans.as_moment(code)
    pattern = formats.pattern_of(arguments[1])
    return formats.read(
        code, pattern if "%" in pattern else formats.of_postgres(pattern), strict=True
    )


def _date_format(translate: Translation, arguments: Arguments) -> Code:
    pattern = formats.of_mysql(formats.pattern_of(arguments[1]))
    return formats.written(translate(arguments[0]), pattern)


def _days_between(translate: Translation, arguments: Arguments) -> Code:
    """MySQL's DATEDIFF(later, earlier)."""
    later, earlier = (spans.as_moment(translate(argument)) for argument in arguments)
    return dates.boundaries(earlier, later, "day")


def _date_sub(translate: Translation, arguments: Arguments) -> Code:
    if not isinstance(arguments[1], exp.Interval):
        raise Untranslatable("DATE_SUB of what is no interval is not translated")
    return spans.shifted(translate(arguments[0]), arguments[1], -1)


def _julian(translate: Translation, arguments: Arguments) -> Code:
    """Days as a number, of which only differences are used."""
    seconds = dates.epoch(spans.as_moment(translate(arguments[0])))
    return Code(f"{seconds.text} / 86_400", pl.Float64(), seconds.binding, seconds.nullable)


def _is_null(translate: Translation, arguments: Arguments) -> Code:
    return translate(arguments[0]).call("is_null", dtype=pl.Boolean(), nullable=False)


def _list(method: str, dtype: pl.DataType | None = None) -> Function:
    return lambda translate, arguments: translate(arguments[0]).call(f"list.{method}", dtype=dtype)


def _total(translate: Translation, arguments: Arguments) -> Code:
    """SQLite's sum that is 0 of nothing."""
    return translate(
        exp.Coalesce(this=exp.Sum(this=arguments[0]), expressions=[exp.Literal.number(0)])
    )


def _today(translate: Translation, arguments: Arguments) -> Code:
    raise Untranslatable("what depends on the day on which it runs is not translated")


_FUNCTIONS: dict[str, tuple[set[int], Function]] = {
    "date_part": ({2}, _date_part),
    "weekday": ({1}, _part("dow")),
    "weekofyear": ({1}, _part("week")),
    "isoyear": ({1}, _part("isoyear")),
    "try_strptime": ({2}, _try_strptime),
    "to_date": ({1, 2}, _to_date),
    "str_to_date": ({2}, _to_date),
    "date_format": ({2}, _date_format),
    "days_between": ({2}, _days_between),
    "date_sub": ({2}, _date_sub),
    "julianday": ({1}, _julian),
    "julian": ({1}, _julian),
    "isnull": ({1}, _is_null),
    "list_sum": ({1}, _list("sum")),
    "list_avg": ({1}, _list("mean", pl.Float64())),
    "list_min": ({1}, _list("min")),
    "list_max": ({1}, _list("max")),
    "total": ({1}, _total),
    **dict.fromkeys(("now", "curdate", "getdate", "today"), ({0}, _today)),
}


def _date(translate: Translation, node: Node) -> Code:
    """DATE(x), with the time of day cut off."""
    return translate(exp.cast(node.this.copy(), "date"))


def _if_null(translate: Translation, node: Node) -> Code:
    return translate(node.this)


HANDLERS: dict[type[Node], Handler] = {
    exp.Anonymous: _anonymous,
    exp.Date: _date,
    exp.TsOrDsToDate: _date,
    exp.IgnoreNulls: _if_null,
}
