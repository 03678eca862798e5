"""How code misuses the engine, from its syntax tree alone. Each flag errs towards silence.

What a name stands for is followed where the code leaves no doubt: it is assigned in one place of
the whole program, which is no loop's and no function's.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
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
    values = _values(tree)
    flags = {
        "python_fallback": bool(names & ROW_METHODS) or _loops_over_rows(tree),
        "deprecated_api": bool(names & deprecated_names()),
        "needless_collect": any(
            _called_on(call, values, "collect") for name, call in calls if name in FRAME_METHODS
        ),
        "cross_join_filter": any(
            name == "filter" and _is_cross(_called_on(call, values, "join")) for name, call in calls
        ),
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


def _values(tree: ast.Module) -> dict[str, ast.expr]:
    """What each name stands for that is assigned once, by a statement of the program itself."""
    stored: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            stored[node.arg] += 1
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored[node.id] += 1
    return {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and stored[target.id] == 1
    }


def _called_on(call: ast.Call, values: Mapping[str, ast.expr], method: str) -> ast.Call | None:
    """The call of `method` whose result another is called on: x.collect().filter(…), y.filter(…)
    after y = x.collect()."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    seen: set[str] = set()
    while isinstance(receiver, ast.Name) and receiver.id in values and receiver.id not in seen:
        seen.add(receiver.id)
        receiver = values[receiver.id]
    if not isinstance(receiver, ast.Call) or not isinstance(receiver.func, ast.Attribute):
        return None
    return receiver if receiver.func.attr == method else None


def _is_cross(join: ast.Call | None) -> bool:
    return join is not None and any(
        keyword.arg == "how"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value == "cross"
        for keyword in join.keywords
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
