"""Single sources of a FROM: tables, common table expressions, derived tables, lists unnested."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.code import text_literal
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.names import closest
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source, Table

LONG = 60
"""Characters from which a derived table gets a name of its own."""
Ctes = Mapping[str, Table]
CompileQuery = Callable[[exp.Query, Program, Ctes], Table]


def source_of(node: Node, program: Program, ctes: Ctes, compile_query: CompileQuery) -> Relation:
    """One source as a frame. Raises Untranslatable."""
    if node.args.get("pivots"):
        raise Untranslatable("PIVOT and UNPIVOT after a table are not translated")
    if isinstance(node, exp.Table):
        return _table(node, program, ctes)
    if isinstance(node, exp.Subquery):
        if not isinstance(node.this, exp.Query):
            return source_of(node.this, program, ctes, compile_query)
        table = compile_query(node.this, program, ctes)
        alias = node.alias or "rows"
        chain = table.chain
        if chain.steps and len(chain.text) > LONG:
            chain = program.assign(alias, chain)
        columns = _renamed(table.columns, node)
        return Relation(chain, (Source(alias, columns),))
    if isinstance(node, exp.Values):
        return _values(node)
    raise Untranslatable(f"{node.key.upper()} as a table is not translated")


def _table(node: exp.Table, program: Program, ctes: Ctes) -> Relation:
    name = node.name
    by_name = {each.casefold(): each for each in ctes}
    if name.casefold() in by_name:
        table = ctes[by_name[name.casefold()]]
        return Relation(table.chain, (Source(node.alias or name, table.columns),))
    found = closest(name, program.tables)
    if found is None:
        raise Untranslatable(f"no table {name}; there are {', '.join(program.tables)}")
    if found != name:
        program.mend(f"{name} -> {found}")
    columns = {column: Column(column, dtype) for column, dtype in program.tables[found].items()}
    return Relation(Chain(found), (Source(node.alias or name, columns),))


def _renamed(columns: Mapping[str, Column], node: Node) -> Mapping[str, Column]:
    """`(SELECT …) t(a, b)`: the columns by their new names."""
    alias = node.args.get("alias")
    names = [each.name for each in alias.columns] if isinstance(alias, exp.TableAlias) else []
    if not names:
        return columns
    if len(names) > len(columns):
        raise Untranslatable("more names than columns")
    values = list(columns.values())
    kept = list(columns)[len(names) :]
    return dict(zip([*names, *kept], values, strict=True))


def _values(node: exp.Values) -> Relation:
    """Rows written down."""
    rows = []
    for row in node.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        if not all(isinstance(cell, (exp.Literal, exp.Null, exp.Boolean)) for cell in cells):
            raise Untranslatable("VALUES of what are no constants are not translated")
        rows.append([_constant(cell) for cell in cells])
    alias = node.args.get("alias")
    names = [each.name for each in alias.columns] if isinstance(alias, exp.TableAlias) else []
    names = names or [f"col{number}" for number in range(len(rows[0]))]
    lists = zip(*rows, strict=True)
    data = ", ".join(
        f"{text_literal(name)}: [{', '.join(items)}]"
        for name, items in zip(names, lists, strict=True)
    )
    columns = {name: Column(name) for name in names}
    return Relation(Chain(f"pl.DataFrame({{{data}}})"), (Source(node.alias or "rows", columns),))


def _constant(cell: Node) -> str:
    if isinstance(cell, exp.Literal):
        return text_literal(cell.name) if cell.is_string else cell.name
    return "None" if isinstance(cell, exp.Null) else repr(bool(cell.this))


def under(relation: Relation, alias: str) -> Relation:
    """A relation of one source under another alias."""
    (source,) = relation.sources
    return replace(relation, sources=(Source(alias, source.columns),))
