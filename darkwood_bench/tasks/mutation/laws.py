"""Changes that the laws of a database make no change at all, so that they are no mutants."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from darkwood_bench.tasks.schema import TableRules


class Laws:
    """What the schema says of the tables that a task posts, and gold code of their nulls."""

    def __init__(
        self, tables: Mapping[str, TableRules], columns: Mapping[str, Sequence[str]]
    ) -> None:
        self._tables = tables
        self._columns = columns
        self._without_nulls: frozenset[str] = frozenset()

    def of(self, tree: ast.AST) -> "Laws":
        """The same for code that drops the nulls of some columns itself."""
        laws = Laws(self._tables, self._columns)
        laws._without_nulls = frozenset(_dropped_nulls(tree))
        return laws

    def no_change(self, kind: str, call: ast.Call) -> bool:
        """Whether a keyword of a call, changed or added, must leave its result as it is."""
        match kind:
            case "nulls_last added":
                return not any(self._may_be_null(name) for name in _texts(call.args))
            case "nulls_equal added":
                keys = _keys(call)
                return not keys or any(self._never_null(name) for name in keys)
            case "how added":
                return self._always_leads_to_a_row(call)
            case _:
                return False

    def _may_be_null(self, column: str) -> bool:
        return column not in self._without_nulls and any(
            column in rules.nullable for rules in self._tables.values()
        )

    def _never_null(self, column: str) -> bool:
        """Whether some table has the column, and none of those that do lets it be null.

        A computed column is taken to be null at times.
        """
        having = [name for name, columns in self._columns.items() if column in columns]
        return bool(having) and any(column not in self._tables[name].nullable for name in having)

    def _always_leads_to_a_row(self, call: ast.Call) -> bool:
        """For a join with a whole table along a reference that is never null and never dangles."""
        match call.args:
            case [ast.Name(id=right), *_] if right in self._tables:
                pass
            case _:
                return False
        on = {keyword.arg: keyword.value for keyword in call.keywords}
        match on.get("left_on", on.get("on")), on.get("right_on", on.get("on")):
            case ast.Constant(value=str(left)), ast.Constant(value=str(key)):
                pass
            case _:
                return False
        return any(
            (target := rules.references.get(left)) is not None
            and (target.table, target.column) == (right, key)
            and left not in (*rules.nullable, *rules.dangling)
            for rules in self._tables.values()
        )


def _dropped_nulls(tree: ast.AST) -> Iterator[str]:
    """The columns in `drop_nulls("a", …)`, and those of which `is_not_null` is asked."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="drop_nulls"), args=[_, *_] as args):
                yield from _texts(args)
            case ast.Call(
                func=ast.Attribute(
                    attr="is_not_null" | "drop_nulls",
                    value=ast.Call(func=ast.Attribute(attr="col"), args=args),
                )
            ):
                yield from _texts(args)
            case _:
                pass


def _keys(call: ast.Call) -> list[str]:
    return _texts(k.value for k in call.keywords if k.arg in ("on", "left_on", "right_on"))


def _texts(nodes: Iterable[ast.AST]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)):
                found.append(text)
            case ast.List(elts=items):
                found += _texts(items)
            case _:
                pass
    return found
