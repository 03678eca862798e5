"""The constants that tasks hold their columns against, read out of gold code and oracle SQL."""

import ast
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

Constant = bool | int | float | str | date | datetime
_NOT_COMPARED = frozenset(
    {
        *("alias", "then", "otherwise", "over", "cast", "strftime", "to_string", "format"),
        *("strptime", "to_date", "to_datetime", "to_time", "sort_by", "rank", "shift", "round"),
        *("truncate", "name", "suffix", "prefix", "concat_str", "struct", "field"),
    }
)
"""Methods of expressions whose arguments are no values of a column."""


@dataclass(frozen=True)
class Mention:
    """One place where a task compares columns with constants, or with one another."""

    columns: tuple[str, ...]
    """Sorted. Of the database: a computed column stands for those that it is made of."""
    constants: tuple[Constant, ...]
    """Empty where columns are compared with one another, or are text that is worked on."""


def mentions_in_code(code: str, columns: Collection[str]) -> frozenset[Mention]:
    """What Polars code compares the columns of a database with. Raises SyntaxError."""
    tree = ast.parse(code)
    reader = _Reader(frozenset(columns), _variables(tree), _computed_columns(tree))
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                found.add(reader.mention(node, [node]))
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if (
                method not in _NOT_COMPARED and reader.is_expression(receiver)
            ):
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                found.add(reader.mention(receiver, arguments))
            case ast.Call(func=ast.Attribute(attr="filter"), keywords=keywords):
                for keyword in keywords:
                    if keyword.arg in reader.columns:
                        found.add(Mention((keyword.arg,), _constants(keyword.value)))
            case _:
                pass
    return frozenset(mention for mention in found if mention.columns)


class _Reader:
    """Which columns an expression is made of, given what the names in it stand for."""

    def __init__(
        self,
        columns: frozenset[str],
        variables: Mapping[str, ast.expr],
        computed: Mapping[str, ast.expr],
    ) -> None:
        self.columns = columns
        self.variables = variables
        self.computed = computed

    def mention(self, about: ast.expr, values: list[ast.expr]) -> Mention:
        columns = tuple(sorted(set(self._columns_of(about, frozenset()))))
        return Mention(columns, tuple(c for value in values for c in _constants(value)))

    def is_expression(self, node: ast.expr) -> bool:
        """Whether a chain of methods begins at `pl`, or at a name that was given such a chain."""
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.value if isinstance(node, ast.Attribute) else node.func
        if not isinstance(node, ast.Name):
            return isinstance(node, ast.BinOp | ast.Compare | ast.UnaryOp)
        if node.id == "pl":
            return True
        value = self.variables.get(node.id)
        itself = value is not None and node.id in {
            n.id for n in ast.walk(value) if isinstance(n, ast.Name)
        }
        return value is not None and not itself and self.is_expression(value)

    def _columns_of(self, node: ast.AST, seen: frozenset[str]) -> Iterator[str]:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="pl"), attr="col"), args=args):
                for name in _texts(args):
                    if name in self.columns:
                        yield name
                    elif name in self.computed and name not in seen:
                        yield from self._columns_of(self.computed[name], seen | {name})
            case ast.Name(id=name) if name in self.variables and name not in seen:
                if self.is_expression(self.variables[name]):
                    yield from self._columns_of(self.variables[name], seen | {name})
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self._columns_of(child, seen)


def _variables(tree: ast.AST) -> dict[str, ast.expr]:
    return {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _computed_columns(tree: ast.AST) -> dict[str, ast.expr]:
    """Columns that the code names, by keyword or by alias, and what they are made of."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="alias", value=value), args=[ast.Constant(value=str(name))]
            ):
                found[name] = value
            case ast.keyword(arg=str(name), value=value):
                found.setdefault(name, value)
            case _:
                pass
    return found


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.List(elts=items) | ast.Tuple(elts=items):
                yield from _texts(items)
            case _:
                pass


def _constants(node: ast.AST) -> tuple[Constant, ...]:
    """The constants in an expression, dates that it builds among them, but no columns' names."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return (value,)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return (-value,)
        case ast.Call(func=ast.Attribute(attr="col")):
            return ()
        case (
            ast.Call(func=ast.Attribute(attr="date" | "datetime" as kind), args=args)
            | ast.Call(func=ast.Name(id="date" | "datetime" as kind), args=args)
        ) if len(args) >= 3 and all(isinstance(arg, ast.Constant) for arg in args):
            parts = [arg.value for arg in args if isinstance(arg, ast.Constant)]
            try:
                return (date(*parts) if kind == "date" else datetime(*parts),)  # type: ignore[arg-type]
            except (TypeError, ValueError):
                return ()
        case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if method in _NOT_COMPARED:
            return _constants(receiver)
        case _:
            return tuple(c for child in ast.iter_child_nodes(node) for c in _constants(child))


_COMPARING = ("COMPARISON", "BETWEEN")
_COMPARING_FUNCTIONS = frozenset(
    {
        *("~~", "!~~", "~~*", "!~~*", "contains", "starts_with", "ends_with", "prefix", "suffix"),
        *("regexp_matches", "coalesce", "list_contains", "datediff", "date_diff", "substring"),
    }
)


def mentions_in_sql(sql: str, columns: Collection[str]) -> frozenset[Mention]:
    """What DuckDB SQL compares the columns of a database with; nothing, for what is no SELECT."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    parsed = json.loads(row[0]) if row else {"error": True}
    return frozenset() if parsed["error"] else frozenset(_in_sql(parsed, frozenset(columns)))


def _in_sql(node: Any, columns: frozenset[str]) -> Iterator[Mention]:
    if isinstance(node, list):
        for item in node:
            yield from _in_sql(item, columns)
    elif isinstance(node, dict):
        compares = (
            node.get("class") in _COMPARING
            or node.get("type") in ("COMPARE_IN", "COMPARE_NOT_IN")
            or node.get("function_name") in _COMPARING_FUNCTIONS
        )
        if compares:
            named = tuple(sorted(set(_sql_columns(node)) & columns))
            if named:
                yield Mention(named, tuple(_sql_constants(node)))
        for child in node.values():
            yield from _in_sql(child, columns)


def _sql_columns(node: Any) -> Iterator[str]:
    for part in _below(node):
        if part.get("class") == "COLUMN_REF":
            yield part["column_names"][-1]


def _sql_constants(node: Any) -> Iterator[Constant]:
    for part in _below(node):
        if part.get("class") != "CONSTANT":
            continue
        match part["literal"]:
            case {"kind": "INTEGER", "text": text}:
                yield int(text)
            case {"kind": "NUMERIC", "text": text}:
                yield float(text)
            case {"kind": "STRING", "text": text}:
                yield text
            case _:  # null, true and false say nothing new
                pass


def _below(node: Any) -> Iterator[dict[str, Any]]:
    """The objects in a tree of JSON, but for those inside a query of their own."""
    if isinstance(node, list):
        for item in node:
            yield from _below(item)
    elif isinstance(node, dict) and node.get("class") != "SUBQUERY":
        yield node
        for child in node.values():
            yield from _below(child)
