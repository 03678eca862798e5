"""An expression of a SELECT as Polars code: where each kind of node is looked up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from darkwood_bench.harness.sql.code import Code, column, named
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source
from darkwood_bench.harness.sql.scope import Scope

Handler = Callable[["Translation", Node], Code]


@dataclass(frozen=True)
class Translation:
    """Translates expressions over the frame of a scope."""

    scope: Scope
    known: dict[Node, Code] = field(default_factory=dict)
    """Expressions that are columns by now: group keys, aggregates, joined subqueries."""
    never_null: frozenset[str] = frozenset()
    """Columns of the frame without nulls, as its filters leave it."""
    in_groups: bool = False
    """Whether a value of each group is wanted."""
    known_only: bool = False
    """Whether a column that is not among the known ones is an error: after grouping."""

    @property
    def program(self) -> Program:
        return self.scope.program

    def __call__(self, node: Node) -> Code:
        """The code of an expression. Raises Untranslatable."""
        if node in self.known:
            return self.known[node]
        handler = handlers().get(type(node))
        if handler is None:
            raise Untranslatable(f"{_name(node)} is not translated: {node.sql('duckdb')[:80]}")
        return handler(self, node)

    def rows(self) -> "Translation":
        """The same over rows, inside an aggregate; over groups, inside a window function."""
        if self.known_only:
            return replace(self, in_groups=False)
        return replace(self, in_groups=False, known={}, known_only=False)

    def aside(self, hint: str, code: Code) -> Code:
        """A value made a column of the frame, for what is computed from it in turn."""
        name = self.program.column(hint)
        relation = self.scope.relation
        source = Source("", {name: Column(name, code.dtype, code.nullable)})
        chain = relation.chain.then("with_columns", named(name, code))
        self.scope.relation = Relation(chain, (*relation.sources, source))
        return column(name, code.dtype, nullable=code.nullable)

    def column(self, node: exp.Column) -> Code:
        """A column node's column."""
        if node.meta.get("alias"):
            meant = self.scope.aliases[node.name]
            if any(inner is node for inner in meant.walk()):
                raise Untranslatable(f"{node.name} stands for itself")
            return self(meant)
        found = self.scope.column(node.table, node.name)
        if found is None:
            raise Untranslatable(f"{node.sql('duckdb')} is of the query around this one")
        if self.known_only:
            raise Untranslatable(f"{node.name} is neither grouped by nor in an aggregate")
        nullable = found.nullable and found.name not in self.never_null
        return column(found.name, found.dtype, nullable=nullable)


def _name(node: Node) -> str:
    return str(node.this).upper() if isinstance(node, exp.Anonymous) else node.key.upper()


def handlers() -> dict[type[Node], Handler]:
    """The handler of each kind of node; imported late, for the handlers know `Translation`."""
    if not _HANDLERS:
        from darkwood_bench.harness.sql import aggregates, windows
        from darkwood_bench.harness.sql.expressions import (
            casts,
            conditionals,
            dates,
            formats,
            functions,
            lists,
            literals,
            numbers,
            operators,
            spans,
            strings,
        )

        families = (
            *(aggregates, casts, conditionals, dates, formats, functions, lists, literals),
            *(numbers, operators, spans, strings, windows),
        )
        for family in families:
            _HANDLERS.update(family.HANDLERS)
    return _HANDLERS


_HANDLERS: dict[type[Node], Handler] = {}
