"""One SELECT as a frame."""

from dataclasses import dataclass, replace

from sqlglot import exp

from darkwood_bench.harness.sql.aggregates import aggregates_in
from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.code import Code, all_named, column, text_literal
from darkwood_bench.harness.sql.conjuncts import conjuncts, has_query
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import condition
from darkwood_bench.harness.sql.from_clause import from_clause
from darkwood_bench.harness.sql.grouping import Groups, grouped
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.ordering import Key, key_of, sort_arguments
from darkwood_bench.harness.sql.outputs import Output, outputs
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Table
from darkwood_bench.harness.sql.scope import Scope
from darkwood_bench.harness.sql.sources import CompileQuery, Ctes
from darkwood_bench.harness.sql.subqueries import Subqueries
from darkwood_bench.harness.sql.translation import Translation
from darkwood_bench.harness.sql.windows import has_window


def compile_select(
    select: exp.Select, program: Program, ctes: Ctes, compile_query: CompileQuery
) -> Table:
    """A SELECT that depends on no query around it. Raises Untranslatable."""
    _named_windows(select)
    _outputs_in_order(select)
    found = from_clause(select, program, ctes, None, compile_query)
    scope = Scope(program, found.relation, None, shared=found.shared)
    scope.aliases = {
        item.alias: item.this for item in select.expressions if isinstance(item, exp.Alias)
    }
    listed = outputs(select, scope)
    known: dict[Node, Code] = {}
    queries = Subqueries(program, ctes, compile_query, scope, known)
    filtered(scope, found.rest, queries)
    sure = _never_null(select, scope)
    translate = Translation(scope, known, sure)
    is_grouped = select.args.get("group") is not None or any(
        aggregates_in(each) for each in _after_rows(select, listed)
    )
    if is_grouped:
        for each in _after_rows(select, listed):
            queries.attach(each)
        return _finished(select, grouped(select, listed, translate, program), listed)
    for each in _after_rows(select, listed):
        queries.attach(each)
    if select.args.get("having"):
        conditions = conjuncts(select.args["having"].this)
        filtered(scope, conditions, queries)
    translate = _qualified_rows(select, listed, translate)
    return _finished(select, Rows(translate, listed), listed)


def filtered(scope: Scope, conditions: list[Node], queries: Subqueries) -> None:
    """The rows of a scope that meet conditions; plain ones first."""
    for plain in (True, False):
        for each in conditions:
            if has_query(each) == plain or (has_query(each) and queries.keep(each)):
                continue
            queries.attach(each)
            code = condition(Translation(scope, queries.known)(each))
            text = code.argument if code.python else code.text
            chain = scope.relation.chain
            chain = chain.then("filter", text) if has_window(each) else chain.where(text)
            scope.relation = replace(scope.relation, chain=chain)


def _after_rows(select: exp.Select, listed: list[Output]) -> list[Node]:
    """Every expression that is not about single rows of FROM."""
    found = [each.expression for each in listed]
    for clause in ("having", "qualify"):
        if select.args.get(clause) is not None:
            found.append(select.args[clause].this)
    if select.args.get("order") is not None:
        found += [each.this for each in select.args["order"].expressions]
    return found


def _named_windows(select: exp.Select) -> None:
    """`OVER w … WINDOW w AS (…)` written out, in place."""
    windows = {each.name: each for each in select.args.get("windows") or ()}
    for node in select.find_all(exp.Window):
        alias = node.args.get("alias")
        meant = windows.get(alias.name) if alias is not None else None
        if meant is not None:
            for part in ("partition_by", "order", "spec"):
                value = meant.args.get(part)
                copied = [v.copy() for v in value] if isinstance(value, list) else value
                node.set(part, copied if isinstance(value, list) else value and value.copy())
            node.set("alias", None)


def _outputs_in_order(select: exp.Select) -> None:
    """Numbers and aliases in ORDER BY and GROUP BY made what they stand for, in place.

    ORDER BY prefers the alias to a column of the same name, GROUP BY the column.
    """
    items = select.expressions
    aliases = {item.alias.casefold(): item.alias for item in items if isinstance(item, exp.Alias)}
    order = select.args.get("order")
    for each in order.expressions if order is not None else ():
        node = each.this
        if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(items):
            item = items[int(node.name) - 1]
            each.set("this", (item.this if isinstance(item, exp.Alias) else item).copy())
        elif isinstance(node, exp.Column) and not node.table and node.name.casefold() in aliases:
            node.set("this", exp.to_identifier(aliases[node.name.casefold()]))
            node.meta["alias"] = node.meta["resolved"] = True
    group = select.args.get("group")
    if group is not None:
        group.set("expressions", [_counted(each, items) for each in group.expressions])


def _counted(node: Node, items: list[Node]) -> Node:
    """What a number in GROUP BY stands for; any other node is itself."""
    if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(items):
        item = items[int(node.name) - 1]
        return (item.this if isinstance(item, exp.Alias) else item).copy()
    return node


def _never_null(select: exp.Select, scope: Scope) -> frozenset[str]:
    """Columns that WHERE leaves no null in."""
    where = select.args.get("where")
    found: set[str] = set()
    for each in conjuncts(where.this) if where is not None else []:
        if isinstance(each, exp.Not) and isinstance(each.this, exp.Is):
            operands = [each.this.this]
        elif isinstance(each, (exp.Predicate,)) and not isinstance(
            each, (exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists)
        ):
            operands = [each.this, each.args.get("expression")]
        else:
            continue
        for operand in operands:
            if isinstance(operand, exp.Column) and operand.meta.get("resolved"):
                place = scope.column(operand.table, operand.name) if operand.table else None
                if place is not None:
                    found.add(place.name)
    return frozenset(found)


@dataclass
class Rows:
    """What is left to do with the rows of a SELECT: its outputs."""

    translate: Translation
    listed: list[Output]

    @property
    def chain(self) -> Chain:
        return self.translate.scope.relation.chain

    def code(self, each: Output) -> Code:
        return self.translate(each.expression)


def _qualified_rows(
    select: exp.Select, listed: list[Output], translate: Translation
) -> Translation:
    """QUALIFY. Window functions that come out as well are computed once, as columns."""
    qualify = select.args.get("qualify")
    if qualify is None:
        return translate
    scope = translate.scope
    taken = set(scope.relation.names)
    made: dict[Node, Code] = {}
    columns: dict[str, Code] = {}
    for each in listed:
        if has_window(each.expression) and each.name not in taken:
            code = translate(each.expression)
            columns[each.name] = code
            made[each.expression] = column(each.name, code.dtype, nullable=code.nullable)
    chain = scope.relation.chain
    if columns:
        chain = chain.then("with_columns", *all_named(columns))
    translate = replace(translate, known=translate.known | made)
    texts = [condition(translate(each)).text for each in conjuncts(qualify.this)]
    # A filter of its own: window functions are of the rows that WHERE has left.
    scope.relation = Relation(chain.then("filter", *texts), scope.relation.sources)
    return translate


def _finished(select: exp.Select, rows: Groups | Rows, listed: list[Output]) -> Table:
    """SELECT, DISTINCT, ORDER BY and LIMIT over rows or groups."""
    codes = {each.name: rows.code(each) for each in listed}
    translate = rows.translate
    order = select.args.get("order")
    keys, after = _keys(order, listed, codes, translate)
    chain = rows.chain
    distinct = select.args.get("distinct")
    on = distinct.args.get("on") if distinct is not None else None
    if on is not None:
        return _distinct_on(chain, on, keys, listed, codes, translate, select)
    if keys and not after:
        chain = chain.then("sort", *sort_arguments(keys))
    chain = _selected(chain, listed, codes, rows)
    if distinct is not None:
        kept = ["maintain_order=True"] if keys and not after else []
        chain = chain.then("unique", *kept)
    if keys and after:
        chain = chain.then("sort", *sort_arguments(keys))
    chain = limited(chain, select)
    columns = {
        each.name: Column(each.name, codes[each.name].dtype, codes[each.name].nullable)
        for each in listed
    }
    return Table(chain, columns)


def _keys(
    order: exp.Order | None, listed: list[Output], codes: dict[str, Code], translate: Translation
) -> tuple[list[Key], bool]:
    """Sort keys, and whether they all are outputs, so that sorting comes last."""
    if order is None:
        return [], True
    by_expression = {each.expression: each.name for each in listed}
    names = {each.name: each.name for each in listed}
    chosen: list[tuple[str | None, exp.Ordered]] = []
    for each in order.expressions:
        node = each.this
        if isinstance(node, exp.Column) and node.meta.get("alias"):
            chosen.append((names.get(node.name), each))
        else:
            chosen.append((by_expression.get(node), each))
    if all(name is not None for name, _ in chosen):
        keys = []
        for name, each in chosen:
            assert name is not None
            code = column(name, codes[name].dtype, nullable=codes[name].nullable)
            keys.append(key_of(code, each))
        return keys, True
    return [key_of(translate(each.this), each) for _, each in chosen], False


def _selected(
    chain: Chain, listed: list[Output], codes: dict[str, Code], rows: Groups | Rows
) -> Chain:
    """The columns that come out. Lists taken apart become a row an entry."""
    lists = {each.name: each.expression for each in listed if each.expression.find(exp.Explode)}
    if isinstance(rows, Groups) and rows.columns == [each.name for each in listed]:
        return chain
    if lists:
        return _taken_apart(chain, lists, codes, rows.translate)
    arguments = all_named(codes)
    if all(code.python for code in codes.values()):
        # Constants alone would come out once, not once a row.
        chain = chain.then("with_columns", *arguments)
        arguments = [text_literal(name) for name in codes]
    return chain.then("select", *arguments)


def _taken_apart(
    chain: Chain,
    lists: dict[str, Node],
    codes: dict[str, Code],
    translate: Translation,
) -> Chain:
    """UNNEST in the select list: a row for each entry, and what is made of entries after that."""
    entries: dict[str, Code] = {}
    selected = dict(codes)
    for name, node in lists.items():
        inner = node.find(exp.Explode)
        assert inner is not None
        selected[name] = translate(inner)
        if node is not inner:
            dtype = getattr(selected[name].dtype, "inner", None)
            known = translate.known | {inner: column(name, dtype)}
            entries[name] = replace(translate, known=known)(node)
    chain = chain.then("select", *all_named(selected))
    chain = chain.then("explode", *map(text_literal, lists), "keep_nulls=False")
    return chain.then("with_columns", *all_named(entries)) if entries else chain


def _distinct_on(
    chain: Chain,
    on: Node,
    keys: list[Key],
    listed: list[Output],
    codes: dict[str, Code],
    translate: Translation,
    select: exp.Select,
) -> Table:
    """The first row of each combination."""
    nodes = on.expressions if isinstance(on, exp.Tuple) else [on]
    subset = [translate(node) for node in nodes]
    if any(code.column is None for code in subset):
        raise Untranslatable("DISTINCT ON of an expression is not translated")
    order = select.args.get("order")
    if order is not None:
        in_rows = [key_of(translate(each.this), each) for each in order.expressions]
        chain = chain.then("sort", *sort_arguments(in_rows))
    texts = [code.argument for code in subset]
    listed_texts = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    chain = chain.then("unique", listed_texts, 'keep="first"', "maintain_order=True")
    chain = chain.then("select", *all_named(codes))
    columns = {each.name: Column(each.name, codes[each.name].dtype) for each in listed}
    return Table(limited(chain, select), columns)


def limited(chain: Chain, query: exp.Query) -> Chain:
    """LIMIT and OFFSET."""
    limit, offset = query.args.get("limit"), query.args.get("offset")
    if limit is None and offset is None:
        return chain
    count = None
    if limit is not None:
        count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
    start = None if offset is None else offset.expression
    for node in (count, start):
        if node is not None and not (isinstance(node, exp.Literal) and node.is_int):
            raise Untranslatable("LIMIT by what is not written down is not translated")
    if start is None or start.name == "0":
        assert count is not None or start is not None
        return chain if count is None else chain.then("head", count.name)
    arguments = [start.name] + ([] if count is None else [count.name])
    return chain.then("slice", *arguments)
