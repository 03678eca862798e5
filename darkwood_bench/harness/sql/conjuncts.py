"""Conditions taken apart at their ANDs."""

from collections.abc import Iterable

from sqlglot import exp

from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.scope import own_columns


def conjuncts(node: Node | None) -> list[Node]:
    """The conditions that all have to hold."""
    if node is None:
        return []
    if isinstance(node, exp.Paren):
        return conjuncts(node.this)
    if isinstance(node, exp.And):
        return [*conjuncts(node.this), *conjuncts(node.expression)]
    return [node]


def all_of(conditions: Iterable[Node]) -> Node | None:
    """Conditions put together again."""
    whole: Node | None = None
    for condition in conditions:
        whole = condition if whole is None else exp.And(this=whole, expression=condition)
    return whole


def sources_of(node: Node) -> set[str]:
    """Aliases of the sources whose columns an expression has."""
    return {column.table for column in own_columns(node)}


def has_query(node: Node) -> bool:
    """Whether a query stands inside."""
    return any(isinstance(each, exp.Query) for each in node.walk())
