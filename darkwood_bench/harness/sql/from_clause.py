"""FROM and its joins, and what WHERE says that can be done before them."""

from dataclasses import dataclass, replace

from sqlglot import exp

from darkwood_bench.harness.sql.code import column, named
from darkwood_bench.harness.sql.completion import join_of, missing_table, relation_of
from darkwood_bench.harness.sql.conjuncts import all_of, conjuncts, has_query, sources_of
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import condition
from darkwood_bench.harness.sql.joins import Joining, asof, join, taken_apart
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source
from darkwood_bench.harness.sql.scope import Scope, own_columns, qualified, resolve
from darkwood_bench.harness.sql.sources import CompileQuery, Ctes, source_of
from darkwood_bench.harness.sql.translation import Translation


@dataclass
class From:
    """What a FROM gives, and what is left of WHERE."""

    relation: Relation
    rest: list[Node]
    shared: frozenset[str]


def from_clause(
    select: exp.Select,
    program: Program,
    ctes: Ctes,
    outer: Scope | None,
    compile_query: CompileQuery,
) -> From:
    """The sources of a SELECT joined into one frame; its columns are qualified on the way."""
    base = select.args.get("from_")
    if base is None:
        raise Untranslatable("a SELECT without FROM is not translated")
    joins: list[Node] = list(select.args.get("joins") or ())
    nodes = [base.this, *(each.this for each in joins)]
    relations: list[Relation] = []
    for node in nodes:
        if isinstance(node, (exp.Unnest, exp.Lateral)) or _is_unnest(node):
            relations.append(_listed(node))
            continue
        relation = source_of(node, program, ctes, compile_query)
        relations.append(_apart(relation, relations, outer))
    everything = tuple(source for relation in relations for source in relation.sources)
    scope = Scope(program, Relation(relations[0].chain, everything), outer)
    scope.aliases = {
        item.alias: item.this for item in select.expressions if isinstance(item, exp.Alias)
    }
    while outer is None and (missing := missing_table(select, scope)) is not None:
        joins.append(join_of(missing))
        relations.append(relation_of(missing, program))
        sources = (*scope.sources, *relations[-1].sources)
        scope.relation = Relation(relations[0].chain, sources)
        program.mend(f"joined with {missing.table} on {missing.own[1]}")
    shared = _using(joins, relations, scope)
    scope.shared = shared
    qualified(select, scope)
    where = select.args.get("where")
    conditions = conjuncts(where.this) if where is not None else []
    wanted = _wanted(select)
    relation, conditions = _before(relations[0], conditions, joins, program, outer)
    for each, right in zip(joins, relations[1:], strict=True):
        relation, conditions = _with(
            relation, each, right, conditions, wanted, program, outer, joins
        )
    return From(relation, conditions, shared)


def _apart(relation: Relation, others: list[Relation], outer: Scope | None) -> Relation:
    """A source under an alias that no other source has, those of the query around included."""
    (source,) = relation.sources
    taken = {each.alias.casefold() for other in others for each in other.sources}
    if source.alias.casefold() in taken:
        raise Untranslatable(f"two tables are called {source.alias}")
    around: set[str] = set()
    while outer is not None:
        around |= {each.alias.casefold() for each in outer.sources}
        outer = outer.outer
    if source.alias.casefold() not in around:
        return relation
    number = 2
    while f"{source.alias}_{number}".casefold() in around | taken:
        number += 1
    apart = Source(f"{source.alias}_{number}", source.columns, source.alias)
    return replace(relation, sources=(apart,))


def _is_unnest(node: Node) -> bool:
    return isinstance(node, exp.Table) and isinstance(node.this, (exp.Explode, exp.Unnest))


def _listed(node: Node) -> Relation:
    """A list that is taken apart: its column is put in when it is joined."""
    from darkwood_bench.harness.sql.chain import Chain

    alias = node.args.get("alias")
    names = [each.name for each in alias.columns] if isinstance(alias, exp.TableAlias) else []
    name = names[0] if names else (node.alias or "unnest")
    return Relation(Chain(""), (Source(node.alias or "unnest", {name: Column(name)}),))


def _using(joins: list[Node], relations: list[Relation], scope: Scope) -> frozenset[str]:
    """Makes ON of USING and NATURAL; the names that they made one."""
    shared: set[str] = set()
    for number, each in enumerate(joins, start=1):
        right = relations[number].sources[0]
        left = [source for relation in relations[:number] for source in relation.sources]
        names = [column.name for column in each.args.get("using") or ()]
        if str(each.args.get("method") or "").upper() == "NATURAL":
            names = [n for n in right.columns if any(n in source.columns for source in left)]
            each.set("method", None)
        equal = []
        for name in names:
            owner = next((source for source in left if _has(source, name)), None)
            if owner is None or not _has(right, name):
                raise Untranslatable(f"USING ({name}): it is not in both tables")
            pair = [_column(owner, _spelled(owner, name)), _column(right, _spelled(right, name))]
            equal.append(exp.EQ(this=pair[0], expression=pair[1]))
            shared.add(_spelled(owner, name))
        if equal:
            each.set("on", all_of(equal))
            each.set("using", None)
        if each.args.get("on") is not None:
            for node in list(own_columns(each.args["on"])):
                resolve(node, scope)
    return frozenset(shared)


def _has(source: Source, name: str) -> bool:
    return any(known.casefold() == name.casefold() for known in source.columns)


def _spelled(source: Source, name: str) -> str:
    return next(known for known in source.columns if known.casefold() == name.casefold())


def _column(source: Source, name: str) -> exp.Column:
    node = exp.column(exp.to_identifier(name, quoted=True), table=source.alias, quoted=True)
    node.meta["resolved"] = True
    return node


def _wanted(select: exp.Select) -> frozenset[tuple[str, str]]:
    """Columns that a SELECT uses outside its joins' conditions, queries inside it included."""
    found: set[tuple[str, str]] = set()
    for name, part in select.args.items():
        if name in ("joins", "from_", "with_"):
            continue
        for node in part if isinstance(part, list) else [part]:
            if isinstance(node, Node):
                found |= {(each.table, each.name) for each in node.find_all(exp.Column)}
    return frozenset(found)


def _before(
    relation: Relation,
    conditions: list[Node],
    joins: list[Node],
    program: Program,
    outer: Scope | None,
) -> tuple[Relation, list[Node]]:
    """The first source filtered before it is joined, where no join can bring rows back."""
    if not joins or any(_side(each) in ("RIGHT", "FULL") for each in joins):
        return relation, conditions
    return _filtered(relation, conditions, program, outer)


def _filtered(
    relation: Relation,
    conditions: list[Node],
    program: Program,
    outer: Scope | None,
) -> tuple[Relation, list[Node]]:
    aliases = {source.alias for source in relation.sources}
    mine = [each for each in conditions if sources_of(each) <= aliases and _is_plain(each)]
    rest = [each for each in conditions if each not in mine]
    translate = Translation(Scope(program, relation, outer))
    texts = [condition(translate(each)).text for each in mine]
    return replace(relation, chain=relation.chain.where(*texts)), rest


def _is_plain(node: Node) -> bool:
    """Whether a condition is of columns alone: no query, window or name of the select list."""
    if has_query(node) or node.find(exp.Window) is not None or not sources_of(node):
        return False
    return not any(column.meta.get("alias") for column in own_columns(node))


def _side(node: Node) -> str:
    return str(node.args.get("side") or "").upper()


def _with(
    left: Relation,
    node: Node,
    right: Relation,
    conditions: list[Node],
    wanted: frozenset[tuple[str, str]],
    program: Program,
    outer: Scope | None,
    joins: list[Node],
) -> tuple[Relation, list[Node]]:
    """One more source joined."""
    if not right.chain.base:
        return _unnested(left, node, right, program, outer), conditions
    side, kind = _side(node), str(node.args.get("kind") or "").upper()
    method = str(node.args.get("method") or "").upper()
    on = node.args.get("on")
    later = joins[joins.index(node) + 1 :]
    used = wanted | {
        (each.table, each.name)
        for other in later
        if other.args.get("on") is not None
        for each in own_columns(other.args["on"])
    }
    joining = Joining(program, left, right, outer, frozenset(used))
    aliases = joining.aliases()
    if method == "ASOF":
        if on is None:
            raise Untranslatable("an ASOF join without ON is not translated")
        return asof(joining, "left" if side == "LEFT" else "inner", on), conditions
    if kind in ("SEMI", "ANTI"):
        return join(joining, kind.lower(), taken_apart(on, *aliases)), conditions
    if side:
        return _outer(joining, side, on, conditions)
    if not any(_side(each) in ("RIGHT", "FULL") for each in later):
        filtered, conditions = _filtered(right, conditions, program, outer)
        joining = replace(joining, right=filtered)
    if on is None:
        # `FROM a, b WHERE a.x = b.y`: what WHERE says of both is what they are joined on.
        pairs = [
            each
            for each in conditions
            if isinstance(each, exp.EQ) and taken_apart(each, *aliases).keys
        ]
        conditions = [each for each in conditions if each not in pairs]
        on = all_of(pairs)
        if on is None:
            both = aliases[0] | aliases[1]
            more = [
                each
                for each in conditions
                if _is_plain(each) and sources_of(each) <= both and sources_of(each) & aliases[1]
            ]
            conditions = [each for each in conditions if each not in more]
            on = all_of(more)
    return join(joining, "inner", taken_apart(on, *aliases)), conditions


def _outer(
    joining: Joining, side: str, on: Node | None, conditions: list[Node]
) -> tuple[Relation, list[Node]]:
    """LEFT, RIGHT and FULL; `LEFT JOIN … WHERE right.key IS NULL` is an anti join."""
    apart = taken_apart(on, *joining.aliases())
    _, right = joining.aliases()
    if side == "LEFT" and not apart.mixed and not apart.left_only and apart.keys:
        missing = [
            each
            for each in conditions
            if isinstance(each, exp.Is)
            and isinstance(each.expression, exp.Null)
            and any(each.this == key.right for key in apart.keys)
        ]
        used_of_right = {alias for alias, _ in joining.wanted} & right
        only_there = used_of_right and {(each.this.table, each.this.name) for each in missing} >= {
            pair for pair in joining.wanted if pair[0] in right
        }
        if missing and only_there:
            rest = [each for each in conditions if each not in missing]
            return join(joining, "anti", apart), rest
    return join(joining, side.lower(), apart), conditions


def _unnested(
    left: Relation, node: Node, right: Relation, program: Program, outer: Scope | None
) -> Relation:
    """`FROM t, UNNEST(t.list) AS u(x)`: a row for each entry."""
    inner = node.this
    if isinstance(inner, exp.Table):
        inner = inner.this
    if isinstance(inner, exp.Lateral):
        inner = inner.this
    lists = inner.expressions if isinstance(inner, exp.Unnest) else [inner.this]
    if len(lists) != 1 or node.args.get("side"):
        raise Untranslatable("UNNEST of several lists, or in a LEFT JOIN, is not translated")
    scope = Scope(program, left, outer)
    holder = exp.Paren(this=lists[0].copy())
    for each in list(own_columns(holder)):
        resolve(each, scope)
    items = Translation(scope)(holder.this)
    (source,) = right.sources
    (name,) = source.columns
    made = name if name not in left.names else program.column(name)
    inner_dtype = getattr(items.dtype, "inner", None)
    chain = left.chain.then("with_columns", named(made, items))
    chain = chain.then("explode", column(made).argument, "keep_nulls=False")
    columns = {name: Column(made, inner_dtype)}
    return Relation(chain, (*left.sources, Source(source.alias, columns)))
