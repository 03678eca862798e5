"""Tables that a query uses without naming them in FROM, where there is one way to join them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.names import closest
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source
from darkwood_bench.harness.sql.scope import Scope, own_columns

_PREFIX = re.compile(r"^[a-z]{1,3}_")


@dataclass(frozen=True)
class Missing:
    """A table to join, and the columns that have to be equal."""

    table: str
    own: tuple[str, str]
    """Alias and column of a source that is there."""
    its: str
    """The column of the missing table."""


def missing_table(select: exp.Select, scope: Scope) -> Missing | None:
    """A table that some column of a SELECT must be of; None where every column is found.

    No other table may have the column, and the table may have one column only that is called as one
    of the sources' is, but for a prefix of up to three letters (c_custkey, o_custkey).
    """
    probe = Scope(Program(scope.program.tables), scope.relation, None)
    aliases = {name.casefold() for name in scope.aliases}
    for node in own_columns(select):
        known = node.meta.get("resolved") or probe.find(node) or probe.mended(node)
        if known or node.name.casefold() in aliases or node.this.quoted:
            continue
        found = _missing(node, scope)
        if found is not None:
            return found
    return None


def _missing(node: exp.Column, scope: Scope) -> Missing | None:
    tables = scope.program.tables
    there = {(source.written or source.alias).casefold() for source in scope.sources}
    owners = [
        table
        for table, columns in tables.items()
        if table.casefold() not in there and node.name in columns
    ]
    if node.table:
        owners = [table for table in owners if closest(node.table, [table])]
    if len(owners) != 1:
        return None
    (table,) = owners
    pairs = _pairs(scope.sources, list(tables[table]))
    return Missing(table, pairs[0][0], pairs[0][1]) if len(pairs) == 1 else None


def _pairs(sources: Sequence[Source], columns: Sequence[str]) -> list[tuple[tuple[str, str], str]]:
    return [
        ((source.alias, mine), theirs)
        for source in sources
        for mine in source.columns
        for theirs in columns
        if _bare(mine) == _bare(theirs)
    ]


def _bare(name: str) -> str:
    return _PREFIX.sub("", name.casefold())


def relation_of(missing: Missing, program: Program) -> Relation:
    """The missing table as a source."""
    columns = {name: Column(name, dtype) for name, dtype in program.tables[missing.table].items()}
    return Relation(Chain(missing.table), (Source(missing.table, columns),))


def join_of(missing: Missing) -> exp.Join:
    """The join that brings it in."""
    alias, own = missing.own
    sides = [exp.column(exp.to_identifier(own, quoted=True), table=alias, quoted=True)]
    sides += [
        exp.column(exp.to_identifier(missing.its, quoted=True), table=missing.table, quoted=True)
    ]
    for side in sides:
        side.meta["resolved"] = True
    on = exp.EQ(this=sides[0], expression=sides[1])
    return exp.Join(this=exp.to_table(missing.table), on=on)
