"""Small wrong changes to Polars code: every place where one can be made, and what it becomes.

Kinds follow classic mutation operators (Offutt et al., "An Experimental Determination of
Sufficient Mutant Operators", TOSEM 1996), put in terms of Polars: a step dropped, a comparison,
aggregate, join kind, direction, limit, key, column or literal changed.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from darkwood_bench.tasks.mutation.laws import Laws
from darkwood_bench.tasks.mutation.swaps import (
    DROPPED_METHODS,
    EXPRESSION_NAMESPACES,
    KEYWORD_SWAPS,
    METHOD_SWAPS,
    OPERATOR_SWAPS,
)

Columns = Mapping[str, Mapping[str, str]]
"""Table name -> column name -> dtype, as text."""


@dataclass(frozen=True)
class Edit:
    """A node of the code, and the text to put in its place."""

    kind: str
    node: ast.AST
    text: str


class Source:
    """Code and the text of its nodes."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.tree = ast.parse(code)
        self._bytes = code.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._bytes[start:end].decode()

    def edited(self, edit: Edit) -> str:
        """The code with an edit made."""
        start, end = self._span(edit.node)
        return (self._bytes[:start] + edit.text.encode() + self._bytes[end:]).decode()

    def _span(self, node: ast.AST) -> tuple[int, int]:
        start = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        return start, end


def edits(source: Source, columns: Columns, laws: Laws) -> Iterator[Edit]:
    """Every edit that can be made, in the order of the nodes.

    Those are left out that the laws of the database make no change: `nulls_equal` for a key that
    is never null, a left join along a reference that always leads to a row.
    """
    dates = {
        id(argument)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _method(node) in ("date", "datetime")
        for argument in node.args[:2]
    }
    values = {id(constant) for constant in _compared(source.tree)}
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute()):
                yield from _call(node, source, laws)
                yield from _column(node, source, columns)
            case ast.Compare(ops=[operator], left=left, comparators=[right]):
                for swap in OPERATOR_SWAPS.get(type(operator), ()):
                    text = f"{_operand(left, source)} {swap} {_operand(right, source)}"
                    yield Edit("comparison", node, text)
            case ast.BinOp(left=left, op=operator, right=right):
                for swap in OPERATOR_SWAPS.get(type(operator), ()):
                    text = f"({_operand(left, source)} {swap} {_operand(right, source)})"
                    yield Edit("operator", node, text)
                if isinstance(operator, ast.BitAnd | ast.BitOr):
                    yield Edit("condition dropped", node, _operand(right, source))
                    yield Edit("condition dropped", node, _operand(left, source))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                yield Edit("negation dropped", node, _operand(operand, source))
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int(value)) if id(node) not in dates:
                yield Edit("literal", node, str(value + 1))
                yield Edit("literal", node, f"({value - 1})" if value < 1 else str(value - 1))
            case ast.Constant(value=float(value)):
                step = 0.01 if abs(value) < 100 else 1
                yield Edit("literal", node, repr(round(value + step, 6)))
                yield Edit("literal", node, repr(round(value - step, 6)))
            case ast.Constant(value=str(value)) if id(node) in values and value:
                for text in {value.swapcase(), f"{value}~"} - {value}:
                    yield Edit("literal", node, repr(text))
            case _:
                pass


def _call(node: ast.Call, source: Source, laws: Laws) -> Iterator[Edit]:
    method, receiver = _method(node), _receiver(node)
    if method in DROPPED_METHODS:
        yield Edit(f"{method} dropped", node, _operand(receiver, source))
    attribute = node.func
    assert isinstance(attribute, ast.Attribute)
    for swap in METHOD_SWAPS.get(method, ()):
        written = source.text(attribute)
        text = written[: len(written) - len(method)] + swap
        yield Edit(f"{method} changed", attribute, text)
    for edit in _keywords(node, method, source):
        if not laws.no_change(edit.kind, node):
            yield edit
    yield from _items_dropped(node, method, source)
    match method, node.args:
        case "otherwise", [other] if isinstance(receiver, ast.Call) and receiver.args:
            then = receiver.args[0]
            swapped = source.text(receiver).removesuffix(f"{source.text(then)})")
            if swapped != source.text(receiver):
                text = f"{swapped}{source.text(other)}).otherwise({source.text(then)})"
                yield Edit("branches swapped", node, text)
        case _:
            pass


def _keywords(node: ast.Call, method: str, source: Source) -> Iterator[Edit]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    for (of, name), swaps in KEYWORD_SWAPS.items():
        if of != method:
            continue
        if (value := given.get(name)) is None:
            if None in swaps and (node.args or node.keywords):
                call = source.text(node)
                for added in swaps[None]:
                    text = f"{call[:-1].rstrip().rstrip(',')}, {name}={added})"
                    yield Edit(f"{name} added", node, text)
            continue
        parts = value.elts if isinstance(value, ast.List) else [value]
        for part in parts:
            if isinstance(part, ast.Constant):
                for text in swaps.get(part.value, ()):
                    yield Edit(f"{name} changed", part, text)


_KEYS = {"group_by": "group key", "over": "window key", "filter": "condition", "sort": "sort key"}


def _items_dropped(node: ast.Call, method: str, source: Source) -> Iterator[Edit]:
    """One of several keys or conditions left out, in a list or as arguments."""
    if method in _KEYS:
        for listed in (argument for argument in node.args if isinstance(argument, ast.List)):
            yield from _without_one(
                listed, listed.elts, "[", "]", f"{_KEYS[method]} dropped", source
            )
        count = len(node.args) + (len(node.keywords) if method in ("group_by", "filter") else 0)
        lists = {k.arg for k in node.keywords if isinstance(k.value, ast.List)}
        if count > 1 and not (method == "sort" and lists):
            for dropped in node.args:
                rest = [
                    argument for argument in [*node.args, *node.keywords] if argument is not dropped
                ]
                inside = ", ".join(source.text(argument) for argument in rest)
                text = f"{source.text(node.func)}({inside})"
                yield Edit(f"{_KEYS[method]} dropped", node, text)
    if method == "is_in" and node.args and isinstance(node.args[0], ast.List):
        listed = node.args[0]
        yield from _without_one(listed, listed.elts, "[", "]", "value dropped", source)


def _without_one(
    node: ast.AST, items: Sequence[ast.expr], opening: str, closing: str, kind: str, source: Source
) -> Iterator[Edit]:
    if len(items) > 1:
        for dropped in items:
            inside = ", ".join(source.text(item) for item in items if item is not dropped)
            yield Edit(kind, node, f"{opening}{inside}{closing}")


def _column(node: ast.Call, source: Source, columns: Columns) -> Iterator[Edit]:
    """pl.col("a") with the next column of the same table and dtype in its place."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="pl"), attr="col"),
            args=[ast.Constant(value=str(name)) as argument],
        ):
            for dtypes in columns.values():
                if name not in dtypes:
                    continue
                names = [other for other in dtypes if dtypes[other] == dtypes[name]]
                if len(names) > 1:
                    other = names[(names.index(name) + 1) % len(names)]
                    yield Edit("column changed", argument, f'"{other}"')
                    return
        case _:
            pass


def _compared(tree: ast.AST) -> Iterator[ast.Constant]:
    """Text that values are held against: operands of comparisons, arguments of tests."""
    tests = (
        "is_in",
        "contains",
        "starts_with",
        "ends_with",
        "eq",
        "ne",
        "fill_null",
        "contains_any",
    )
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=comparators):
                yield from (c for c in [left, *comparators] if isinstance(c, ast.Constant))
            case ast.Call(func=ast.Attribute(attr=method), args=args) if method in tests:
                for argument in args:
                    items = argument.elts if isinstance(argument, ast.List) else [argument]
                    yield from (item for item in items if isinstance(item, ast.Constant))
            case ast.keyword(value=ast.Constant()):
                pass
            case _:
                pass


def _operand(node: ast.expr, source: Source) -> str:
    """A node's text, in parentheses where it is not one piece."""
    text = source.text(node)
    whole = isinstance(node, ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript)
    return text if whole else f"({text})"


def _method(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _receiver(node: ast.Call) -> ast.expr:
    """What a method is called on; for `x.str.strip_chars()`, x."""
    assert isinstance(node.func, ast.Attribute)
    value = node.func.value
    if isinstance(value, ast.Attribute) and value.attr in EXPRESSION_NAMESPACES:
        return value.value
    return value
