"""Constants and columns."""

from sqlglot import exp

from darkwood_bench.harness.sql.code import Code, literal
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation


def _column(translate: Translation, node: Node) -> Code:
    assert isinstance(node, exp.Column)
    return translate.column(node)


def _literal(translate: Translation, node: Node) -> Code:
    assert isinstance(node, exp.Literal)
    if node.is_string:
        return literal(node.name)
    return literal(int(node.name) if node.is_int else float(node.name))


def _boolean(translate: Translation, node: Node) -> Code:
    return literal(bool(node.this))


def _null(translate: Translation, node: Node) -> Code:
    return literal(None)


def _inner(translate: Translation, node: Node) -> Code:
    return translate(node.this)


HANDLERS: dict[type[Node], Handler] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.Paren: _inner,
    exp.Alias: _inner,
}
