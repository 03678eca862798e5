"""How code misuses the engine, from its syntax tree alone. Each flag errs towards silence."""

import ast
from collections.abc import Iterator
from functools import cache

import polars as pl

ROW_METHODS = {"iter_rows", "map_elements", "map_rows", "rows", "rows_by_key", "to_dicts"}
ROW_METHODS |= {"to_pandas", "iterrows", "itertuples"}
FRAME_METHODS = {"filter", "select", "with_columns", "group_by", "join", "sort", "lazy", "unique"}
UNPARSEABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What parsing raises for code that is wrong, or nested more deeply than the parser goes."""
NAMESPACES = ("str", "dt", "list", "arr", "struct", "cat", "bin", "name")


def quality_flags(code: str) -> tuple[str, ...]:
    """Flags of `tables.QUALITY_FLAGS` that code earns, sorted; none for code that does not parse.

    - python_fallback: values leave the engine to be worked on a row at a time.
    - deprecated_api: a method that the installed Polars marks as deprecated.
    - needless_collect: a lazy frame is collected and then worked on as a frame.
    - cross_join_filter: a cross join that a filter then cuts down, where a join would do.
    """
    try:
        tree = ast.parse(code)
    except UNPARSEABLE:
        return ()
    calls = list(_method_calls(tree))
    names = {name for name, _ in calls}
    flags = {
        "python_fallback": bool(names & ROW_METHODS) or _loops_over_rows(tree),
        "deprecated_api": bool(names & deprecated_names()),
        "needless_collect": any(
            _is_on(call, "collect") for name, call in calls if name in FRAME_METHODS
        ),
        "cross_join_filter": any(_filters_cross_join(name, call) for name, call in calls),
    }
    return tuple(sorted(flag for flag, raised in flags.items() if raised))


@cache
def deprecated_names() -> frozenset[str]:
    """Methods that are deprecated wherever the installed Polars has them."""
    deprecated: set[str] = set()
    current: set[str] = set()
    for holder in (pl, pl.DataFrame, pl.LazyFrame, pl.Expr, pl.Series, *_namespaces()):
        for name in dir(holder):
            if not name.startswith("_"):
                # PEP 702: the marker is the message. `pl.col` answers to any attribute, not to str.
                marker = getattr(getattr(holder, name), "__deprecated__", None)
                (deprecated if isinstance(marker, str) else current).add(name)
    return frozenset(deprecated - current)


def _namespaces() -> Iterator[type]:
    """The classes behind pl.col("x").str and its like."""
    return (type(getattr(pl.col("x"), name)) for name in NAMESPACES)


def _method_calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a method: its name, and the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def _receiver(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _is_on(call: ast.Call, method: str) -> bool:
    """Whether a method is called directly on the result of another: x.collect().filter(…)."""
    receiver = _receiver(call)
    return (
        isinstance(receiver, ast.Call)
        and isinstance(receiver.func, ast.Attribute)
        and receiver.func.attr == method
    )


def _filters_cross_join(name: str, call: ast.Call) -> bool:
    receiver = _receiver(call)
    return (
        name == "filter"
        and _is_on(call, "join")
        and isinstance(receiver, ast.Call)
        and any(
            keyword.arg == "how"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value == "cross"
            for keyword in receiver.keywords
        )
    )


def _loops_over_rows(tree: ast.AST) -> bool:
    """A loop whose counter runs over the rows of a frame: range(len(x)), range(x.height)."""
    loops = (node for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension))
    not_frames = set(_lists(tree))
    return any(_counts_rows(loop.iter, not_frames) for loop in loops)


def _lists(tree: ast.AST) -> Iterator[str]:
    """Names that are somewhere assigned a list, a tuple, a dict, a set or the names of columns."""
    literals = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (
            isinstance(node.value, literals)
            or (isinstance(node.value, ast.Attribute) and node.value.attr == "columns")
        ):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _counts_rows(iterated: ast.expr, not_frames: set[str]) -> bool:
    if not (
        isinstance(iterated, ast.Call)
        and isinstance(iterated.func, ast.Name)
        and iterated.func.id == "range"
    ):
        return False
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "height")
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "len"
            and node.args
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id not in not_frames
        )
        for argument in iterated.args
        for node in ast.walk(argument)
    )
