"""Queries inside expressions: IN, EXISTS and scalars, of their own or correlated."""

from dataclasses import dataclass, replace

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.aggregates import aggregates_in
from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.code import Code, column, named, text_literal
from darkwood_bench.harness.sql.conjuncts import all_of, has_query, sources_of
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import condition
from darkwood_bench.harness.sql.from_clause import from_clause
from darkwood_bench.harness.sql.joins import Equality, Joining, On, join, taken_apart
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.ordering import keys_of, sort_arguments
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source
from darkwood_bench.harness.sql.scope import Scope
from darkwood_bench.harness.sql.sources import CompileQuery, Ctes
from darkwood_bench.harness.sql.translation import Translation


@dataclass
class Subqueries:
    """Puts what queries inside a SELECT say beside its rows."""

    program: Program
    ctes: Ctes
    compile_query: CompileQuery
    scope: Scope
    """Of the SELECT that they stand in; its relation grows."""
    known: dict[Node, Code]
    """The code of each query that was put beside the rows."""

    def keep(self, node: Node) -> bool:
        """Do a condition of WHERE that is IN or EXISTS of a query; False for any other."""
        negated = isinstance(node, exp.Not)
        inner = node.this if negated else node
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Exists):
            self._semi(_select_in(inner.this), None, negated)
            return True
        if isinstance(inner, exp.In) and inner.args.get("query") is not None:
            self._semi(_query_in(inner.args["query"]), inner.this, negated)
            return True
        return False

    def attach(self, node: Node) -> None:
        """Have every query inside an expression known as code."""
        for each in list(
            node.walk(prune=lambda n: isinstance(n, (exp.Subquery, exp.Exists, exp.In)))
        ):
            if each in self.known:
                continue
            if isinstance(each, exp.Subquery):
                self.known[each] = self._scalar(each.this)
            elif isinstance(each, exp.Exists):
                self.known[each] = self._flag(_select_in(each.this), None)
            elif isinstance(each, exp.In) and each.args.get("query") is not None:
                self.known[each] = self._flag(_query_in(each.args["query"]), each.this)
            elif isinstance(each, exp.In):
                for part in (each.this, *each.expressions):
                    if has_query(part):
                        self.attach(part)

    def _translate(self) -> Translation:
        return Translation(self.scope, self.known)

    def _semi(self, query: exp.Query, tested: Node | None, negated: bool) -> None:
        if negated and tested is not None:
            code = self._translate()(tested)
            self.program.mend("NOT IN: nulls of the query are left aside")
            if code.nullable:
                chain = self.scope.relation.chain.where(f"{code.expression}.is_not_null()")
                self.scope.relation = replace(self.scope.relation, chain=chain)
        joining, on = self._paired(query, tested)
        if tested is not None and has_query(tested):
            raise Untranslatable("a query is tested with IN of another")
        relation = join(joining, "anti" if negated else "semi", on)
        self.scope.relation = replace(self.scope.relation, chain=relation.chain)

    def _paired(self, query: exp.Query, tested: Node | None) -> tuple[Joining, On]:
        """The rows at hand and those of a query, and what they have to have in common."""
        left = self.scope.relation
        if not self.is_correlated(query):
            if tested is None:
                raise Untranslatable("EXISTS of a query that does not depend on the row")
            table = self.compile_query(query, self.program, self.ctes)
            name, of_table = next(iter(table.columns.items()))
            source = Source("in the query", {name: of_table})
            right = Relation(table.chain, (source,))
            key = Equality(tested, _resolved(source.alias, name))
            return Joining(self.program, left, right, self.scope.outer, frozenset()), On((key,))
        select = _plain_select(query)
        right, correlated = self._inner(select)
        aliases = {source.alias for source in left.sources}
        on = taken_apart(all_of(correlated), aliases, {s.alias for s in right.sources})
        if tested is not None:
            item = select.expressions[0]
            key = Equality(tested, item.this if isinstance(item, exp.Alias) else item)
            on = replace(on, keys=(key, *on.keys))
        return Joining(self.program, left, right, self.scope.outer, frozenset()), on

    def _inner(self, select: exp.Select) -> tuple[Relation, list[Node]]:
        """The rows of a correlated query, and the conditions that depend on the row outside."""
        found = from_clause(select, self.program, self.ctes, self.scope, self.compile_query)
        scope = Scope(self.program, found.relation, self.scope)
        nested = replace(self, scope=scope, known={})
        mine = {source.alias for source in found.relation.sources}
        correlated = [each for each in found.rest if not sources_of(each) <= mine]
        for each in found.rest:
            if each in correlated or nested.keep(each):
                continue
            nested.attach(each)
            text = condition(Translation(scope, nested.known)(each)).text
            scope.relation = replace(scope.relation, chain=scope.relation.chain.where(text))
        return scope.relation, correlated

    def _flag(self, query: exp.Query, tested: Node | None) -> Code:
        """Whether there is a partner, as a column."""
        if tested is not None and not self.is_correlated(query):
            table = self.compile_query(query, self.program, self.ctes)
            name = next(iter(table.columns.values())).name
            values = self.program.assign(
                "values", table.chain.then("get_column", text_literal(name))
            )
            items = f"{values.text}.implode()"
            code = self._translate()(tested)
            return code.call("is_in", items)
        joining, on = self._paired(query, tested)
        row, flag = self.program.column("row"), self.program.column("is_there")
        numbered = self.program.assign(
            "rows", joining.left.chain.then("with_row_index", text_literal(row))
        )
        left = replace(joining.left, chain=numbered)
        partners = join(replace(joining, left=left), "semi", on)
        seen = partners.chain.then("select", text_literal(row), f"{flag}=pl.lit(True)")
        chain = numbered.then("join", seen.text, f"on={text_literal(row)}", 'how="left"')
        self._extend(chain.then("drop", text_literal(row)), flag)
        return column(flag).call("is_not_null", nullable=False)

    def _extend(self, chain: Chain, name: str, dtype: pl.DataType | None = None) -> None:
        """The rows with one more column."""
        source = Source("", {name: Column(name, dtype)})
        self.scope.relation = Relation(chain, (*self.scope.relation.sources, source))

    def _scalar(self, query: exp.Query) -> Code:
        """A query's one value."""
        if not self.is_correlated(query):
            return self._constant(query)
        select = _plain_select(query, aggregated=True)
        item = select.expressions[0]
        wanted = item.this if isinstance(item, exp.Alias) else item
        right, correlated = self._inner(select)
        left = self.scope.relation
        aliases = {source.alias for source in left.sources}
        on = taken_apart(all_of(correlated), aliases, {s.alias for s in right.sources})
        name = self.program.column(_hint(item))
        order = select.args.get("order")
        summed = bool(aggregates_in(wanted))
        if on.mixed or on.left_only or not on.keys:
            code = self._by_rows(right, on, wanted, order, name, summed=summed)
        else:
            code = self._by_keys(right, on, wanted, order, name, summed=summed)
        default = _of_nothing(wanted)
        return code if default is None else code.call("fill_null", default, dtype=code.dtype)

    def _by_keys(
        self,
        right: Relation,
        on: On,
        wanted: Node,
        order: exp.Order | None,
        name: str,
        *,
        summed: bool,
    ) -> Code:
        """A value for each combination of the columns that have to be equal."""
        scope = Scope(self.program, right, None)
        rows = Translation(scope)
        keys = [rows(key.right) for key in on.keys]
        outer = [self._translate()(key.left) for key in on.keys]
        made = [key.column or self.program.column("key") for key in keys]
        if summed:
            code = Translation(scope, in_groups=True)(wanted)
            groups = [named(to, key) for to, key in zip(made, keys, strict=True)]
            inner = right.chain.then("group_by", *groups).then("agg", named(name, code))
        else:
            code = rows(wanted)
            chain = right.chain
            if order is not None:
                chain = chain.then("sort", *sort_arguments(keys_of(rows, order.expressions)))
            chosen = [named(to, key) for to, key in zip(made, keys, strict=True)]
            inner = chain.then("select", *chosen, named(name, code))
            subset = ", ".join(map(text_literal, made))
            listed = subset if len(made) == 1 else f"[{subset}]"
            inner = inner.then("unique", listed, 'keep="first"', "maintain_order=True")
        if len(inner.text) > 60:
            inner = self.program.assign(f"{name}_by_{made[0]}", inner)
        lefts = [code.argument for code in outer]
        rights = [text_literal(each) for each in made]
        if lefts == rights:
            pair = [f"on={_listed(lefts)}"]
        else:
            pair = [f"left_on={_listed(lefts)}", f"right_on={_listed(rights)}"]
        taken = set(self.scope.relation.names) & set(made)
        chain = self.scope.relation.chain.then("join", inner.text, *pair, 'how="left"')
        if any(code.column is None for code in outer) and taken:
            raise Untranslatable("a query correlated by an expression")
        self._extend(chain, name, code.dtype)
        return column(name, code.dtype)

    def _by_rows(
        self,
        right: Relation,
        on: On,
        wanted: Node,
        order: exp.Order | None,
        name: str,
        *,
        summed: bool,
    ) -> Code:
        """A value for each row, of the rows that it is paired with."""
        row = self.program.column("row")
        numbered = self.program.assign(
            "rows", self.scope.relation.chain.then("with_row_index", text_literal(row))
        )
        extra = Source("", {row: Column(row, None, False)})
        left = replace(
            self.scope.relation, chain=numbered, sources=(*self.scope.relation.sources, extra)
        )
        pairs = join(Joining(self.program, left, right, None, frozenset()), "inner", on)
        scope = Scope(self.program, pairs, None)
        if summed:
            code = Translation(scope, in_groups=True)(wanted)
            inner = pairs.chain.then("group_by", text_literal(row)).then("agg", named(name, code))
        else:
            rows = Translation(scope)
            code, chain = rows(wanted), pairs.chain
            if order is not None:
                chain = chain.then("sort", *sort_arguments(keys_of(rows, order.expressions)))
            inner = chain.then("select", text_literal(row), named(name, code))
            inner = inner.then("unique", text_literal(row), 'keep="first"', "maintain_order=True")
        found = self.program.assign(f"{name}_of_rows", inner)
        chain = numbered.then("join", found.text, f"on={text_literal(row)}", 'how="left"')
        self._extend(chain.then("drop", text_literal(row)), name, code.dtype)
        return column(name, code.dtype)

    def _constant(self, query: exp.Query) -> Code:
        table = self.compile_query(query, self.program, self.ctes)
        if len(table.columns) != 1:
            raise Untranslatable("a query with several columns stands for a value")
        (of_table,) = table.columns.values()
        one = isinstance(query, exp.Select) and not query.args.get("group")
        one = one and any(aggregates_in(item) for item in query.expressions)
        chain = table.chain.then("item") if one else table.chain.then("to_series").then("first")
        hint = _hint(query.expressions[0]) if isinstance(query, exp.Select) else "value"
        name = self.program.assign(hint, chain)
        return Code(name.text, of_table.dtype, python=True)

    def is_correlated(self, query: exp.Query) -> bool:
        """Whether a query uses columns of the SELECT around it."""
        inside = {table.alias_or_name.casefold() for table in query.find_all(exp.Table)}
        inside |= {each.alias.casefold() for each in query.find_all(exp.Subquery) if each.alias}
        own = self._columns_inside(query)
        around: list[Source] = []
        scope: Scope | None = self.scope
        while scope is not None:
            around += scope.sources
            scope = scope.outer
        aliases = {(s.written or s.alias).casefold() for s in around}
        names = {name.casefold() for source in around for name in source.columns}
        for node in query.find_all(exp.Column):
            table = node.table.casefold()
            if table and table not in inside and table in aliases:
                return True
            name = node.name.casefold()
            if not table and name not in own and name in names:
                return True
        return False

    def _columns_inside(self, query: exp.Query) -> set[str]:
        """The names that sources and select lists inside a query give."""
        tables = {name.casefold(): columns for name, columns in self.program.tables.items()}
        ctes = {name.casefold(): table.columns for name, table in self.ctes.items()}
        found: set[str] = set()
        for table in query.find_all(exp.Table):
            known = ctes.get(table.name.casefold()) or tables.get(table.name.casefold(), {})
            found |= {name.casefold() for name in known}
        return found | {alias.alias.casefold() for alias in query.find_all(exp.Alias)}


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _hint(item: Node) -> str:
    """A name for a query's value: its alias, or what it is of."""
    if isinstance(item, exp.Alias):
        return item.alias
    of = next((each.name for each in item.find_all(exp.Column)), "")
    kind = next((each.key for each in aggregates_in(item)), "")
    return "_".join(filter(None, (kind, of))) or "value"


def _of_nothing(wanted: Node) -> str | None:
    """The value of a query that finds no row, where that is not null."""
    if isinstance(wanted, exp.Filter):
        wanted = wanted.this
    if isinstance(wanted, (exp.Count, exp.CountIf)):
        return "0"
    if isinstance(wanted, exp.Coalesce) and len(wanted.expressions) == 1:
        (default,) = wanted.expressions
        if isinstance(default, exp.Literal) and not default.is_string:
            return default.name
    return None


def _resolved(alias: str, name: str) -> exp.Column:
    node = exp.column(exp.to_identifier(name, quoted=True), table=alias, quoted=True)
    node.meta["resolved"] = True
    return node


def _query_in(node: Node) -> exp.Query:
    inner = node.this if isinstance(node, exp.Subquery) else node
    if not isinstance(inner, exp.Query):
        raise Untranslatable(f"IN of {node.key} is not translated")
    return inner


def _select_in(node: Node) -> exp.Query:
    return _query_in(node)


def _plain_select(query: exp.Query, *, aggregated: bool = False) -> exp.Select:
    """A correlated query that is one SELECT, without what would change how it is paired."""
    if not isinstance(query, exp.Select):
        raise Untranslatable("UNION in a correlated query is not translated")
    for clause in ("group", "having", "qualify", "with_", "offset"):
        if query.args.get(clause):
            raise Untranslatable(f"{clause.strip('_').upper()} in a correlated query")
    limit = query.args.get("limit")
    if limit is not None and limit.expression.name != "1":
        raise Untranslatable("LIMIT of more than 1 in a correlated query")
    if not aggregated and any(aggregates_in(item) for item in query.expressions):
        raise Untranslatable("an aggregate in a correlated EXISTS or IN")
    return query
