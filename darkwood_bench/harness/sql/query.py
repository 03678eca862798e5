"""Whole queries: common table expressions, SELECT, set operations."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.code import column, text_literal
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.names import closest
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.ordering import Key, key_of, sort_arguments
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Table
from darkwood_bench.harness.sql.select import compile_select, limited
from darkwood_bench.harness.sql.sources import Ctes


def compile_query(query: exp.Query, program: Program, ctes: Ctes) -> Table:
    """A query that depends on no row of another. Raises Untranslatable."""
    query = query.copy()
    ctes = _with(query, program, ctes)
    if isinstance(query, exp.Subquery):
        return _ordered(query, compile_query(query.this, program, ctes))
    if isinstance(query, exp.Select):
        return compile_select(query, program, ctes, compile_query)
    if isinstance(query, exp.SetOperation):
        return _ordered(query, _set_operation(query, program, ctes))
    raise Untranslatable(f"{query.key.upper()} is not translated")


def _with(query: exp.Query, program: Program, ctes: Ctes) -> Ctes:
    clause = query.args.get("with_")
    if clause is None:
        return ctes
    if clause.args.get("recursive"):
        raise Untranslatable("WITH RECURSIVE is not translated")
    found: dict[str, Table] = dict(ctes)
    for each in clause.expressions:
        if not isinstance(each.this, exp.Query):
            raise Untranslatable(f"WITH {each.alias} is no query")
        table = compile_query(each.this, program, found)
        chain = program.assign(each.alias, table.chain) if table.chain.steps else table.chain
        columns = table.columns
        names = [column.name for column in each.args["alias"].columns]
        if names:
            columns = dict(zip(names, columns.values(), strict=True))
        found[each.alias] = Table(chain, columns)
    query.set("with_", None)
    return found


def _set_operation(query: exp.SetOperation, program: Program, ctes: Ctes) -> Table:
    left = compile_query(query.this, program, ctes)
    right = compile_query(query.expression, program, ctes)
    if len(left.columns) != len(right.columns):
        raise Untranslatable("both sides of a set operation have to have as many columns")
    other = _renamed(right, list(left.columns))
    distinct = bool(query.args.get("distinct"))
    if isinstance(query, exp.Union):
        chain = Chain(_concatenated(left.chain, other))
        chain = chain.then("unique") if distinct else chain
    else:
        if not distinct:
            raise Untranslatable(f"{query.key.upper()} ALL is not translated")
        how = "anti" if isinstance(query, exp.Except) else "semi"
        on = ", ".join(map(text_literal, left.columns))
        arguments = [f"on=[{on}]", f'how="{how}"', "nulls_equal=True"]
        chain = left.chain.then("join", other.text, *arguments).then("unique")
    columns = {
        name: replace(mine, nullable=mine.nullable or theirs.nullable)
        for (name, mine), theirs in zip(left.columns.items(), right.columns.values(), strict=True)
    }
    return Table(chain, columns)


def _concatenated(left: Chain, right: Chain) -> str:
    parts = []
    for chain in (left, right):
        inner = chain.base
        nested = not chain.steps and inner.startswith("pl.concat([") and inner.endswith(_RELAXED)
        parts.append(
            inner.removeprefix("pl.concat([").removesuffix(_RELAXED) if nested else chain.text
        )
    return f"pl.concat([{', '.join(parts)}{_RELAXED}"


_RELAXED = '], how="vertical_relaxed")'


def _renamed(table: Table, names: list[str]) -> Chain:
    """The same under other names, by place."""
    pairs = zip(table.columns, names, strict=True)
    changed = {old: new for old, new in pairs if old != new}
    if not changed:
        return table.chain
    items = ", ".join(f"{text_literal(old)}: {text_literal(new)}" for old, new in changed.items())
    return table.chain.then("rename", f"{{{items}}}")


def _ordered(query: exp.Query, table: Table) -> Table:
    """ORDER BY and LIMIT after a set operation."""
    order = query.args.get("order")
    chain = table.chain
    if order is not None:
        keys = [_key(each, table.columns) for each in order.expressions]
        chain = chain.then("sort", *sort_arguments(keys))
    return Table(limited(chain, query), table.columns)


def _key(ordered: Node, columns: Mapping[str, Column]) -> Key:
    node = ordered.this
    names = list(columns)
    if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(names):
        name = names[int(node.name) - 1]
    elif isinstance(node, exp.Column) and (found := closest(node.name, names)):
        name = found
    else:
        raise Untranslatable("ORDER BY of an expression after a set operation")
    return key_of(column(name, columns[name].dtype, nullable=columns[name].nullable), ordered)
