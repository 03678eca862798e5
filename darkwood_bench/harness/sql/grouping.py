"""GROUP BY and aggregates of whole frames."""

from dataclasses import dataclass, replace

from sqlglot import exp

from darkwood_bench.harness.sql.aggregates import aggregates_in
from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.code import Code, all_named, column
from darkwood_bench.harness.sql.conjuncts import conjuncts, has_query
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import condition
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.outputs import Output
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.scope import own_columns
from darkwood_bench.harness.sql.translation import Translation
from darkwood_bench.harness.sql.windows import has_window


@dataclass
class Groups:
    """A row a group, of keys and aggregates."""

    translate: Translation
    """Over the groups, which are its scope's frame."""
    columns: list[str]
    """What the frame has, in order."""

    @property
    def chain(self) -> Chain:
        return self.translate.scope.relation.chain

    def code(self, output: Output) -> Code:
        return self.translate(output.expression)


def grouped(
    select: exp.Select, listed: list[Output], translate: Translation, program: Program
) -> Groups:
    """The groups of a SELECT, those that HAVING and QUALIFY leave."""
    keys = _keys(select, listed, translate, program)
    names = _names(keys, listed, translate, program)
    known = {key: _key(name, translate(key)) for key, name in names.items()}
    each_group = replace(translate, in_groups=bool(keys))
    aggregates: dict[str, Code] = {}
    for each in listed:
        if each.expression in known:
            continue
        if each.name not in names.values() and _is_simple(each.expression):
            code = each_group(each.expression)
            aggregates[each.name] = code
            known[each.expression] = _key(each.name, code)
    for node in _others(select, listed, known):
        if node not in known:
            name = program.column(_hint(node))
            code = each_group(node)
            aggregates[name] = code
            known[node] = _key(name, code)
    around = translate.scope
    chain = _chain(translate, names, aggregates)
    scope = replace(around, relation=replace(around.relation, chain=chain))
    over_groups = Translation(scope, translate.known | known, known_only=True)
    for clause in ("having", "qualify"):
        if select.args.get(clause) is not None:
            conditions = conjuncts(select.args[clause].this)
            texts = [condition(over_groups(each)).text for each in conditions]
            chain = scope.relation.chain
            windows = any(has_window(each) for each in conditions)
            chain = chain.then("filter", *texts) if windows else chain.where(*texts)
            scope.relation = replace(scope.relation, chain=chain)
    return Groups(over_groups, [*names.values(), *aggregates])


def _key(name: str, code: Code) -> Code:
    return column(name, code.dtype, nullable=code.nullable)


def _chain(translate: Translation, names: dict[Node, str], aggregates: dict[str, Code]) -> Chain:
    chain = translate.scope.relation.chain
    keys = all_named({name: translate(key) for key, name in names.items()})
    values = all_named(aggregates)
    if not keys:
        return chain.then("select", *values)
    if not values:
        return chain.then("select", *keys).then("unique")
    return chain.then("group_by", *keys).then("agg", *values)


def _keys(
    select: exp.Select, listed: list[Output], translate: Translation, program: Program
) -> list[Node]:
    """What is grouped by: as written, or every output without an aggregate."""
    group = select.args.get("group")
    plain = [
        each.expression
        for each in listed
        if not aggregates_in(each.expression) and not _is_constant(each.expression)
    ]
    if group is not None and group.args.get("all"):
        return list(dict.fromkeys(plain))
    for clause in ("rollup", "cube", "grouping_sets"):
        if group is not None and group.args.get(clause):
            raise Untranslatable(f"{clause.upper()} is not translated")
    keys = [_meant(key, translate) for key in (group.expressions if group is not None else ())]
    rows_only = [each for each in plain if each not in keys and not has_query(each)]
    loose = [
        each
        for each in rows_only
        if not has_window(each) and not _within(each, keys) and own_columns(_held(each))
    ]
    for each in loose:
        name = each.name if isinstance(each, exp.Column) else each.sql("duckdb")
        program.mend(f"grouped by {name} too")
    return list(dict.fromkeys([*keys, *loose]))


def _held(node: Node) -> Node:
    """A node below another, so that a column is among its columns."""
    return exp.Paren(this=node.copy())


def _meant(key: Node, translate: Translation) -> Node:
    """A key that is an alias of the select list, as that."""
    if isinstance(key, exp.Column) and key.meta.get("alias"):
        return translate.scope.aliases[key.name]
    return key.this if isinstance(key, exp.Paren) else key


def _within(node: Node, keys: list[Node]) -> bool:
    """Whether an expression is made of keys and constants alone."""
    if node in keys:
        return True
    if isinstance(node, exp.Column):
        return False
    return all(_within(child, keys) for child in node.iter_expressions())


def _is_constant(node: Node) -> bool:
    return not own_columns(_held(node)) and not has_query(node)


def _names(
    keys: list[Node], listed: list[Output], translate: Translation, program: Program
) -> dict[Node, str]:
    """The keys' names: those that they come out under, where they do."""
    names: dict[Node, str] = {}
    outputs = {each.name for each in listed if each.expression not in keys}
    for key in keys:
        out = [each.name for each in listed if each.expression == key]
        plain = translate(key).column
        name = out[0] if out else plain or program.column("key")
        if name in outputs or name in names.values():
            name = program.column(f"{name}_key")
        names[key] = name
    return names


def _is_simple(node: Node) -> bool:
    """Whether a value of each group is made of aggregates and constants alone."""
    if has_window(node) or has_query(node) or node.find(exp.Explode) or not aggregates_in(node):
        return False
    inside = {id(c) for each in aggregates_in(node) for c in own_columns(each)}
    return all(id(each) in inside for each in own_columns(node))


def _others(select: exp.Select, listed: list[Output], known: dict[Node, Code]) -> list[Node]:
    """Aggregates that HAVING, ORDER BY, QUALIFY and compound outputs need."""
    found: list[Node] = []
    for each in listed:
        if each.expression not in known:
            found += aggregates_in(each.expression)
    for clause in ("having", "qualify"):
        if select.args.get(clause) is not None:
            found += aggregates_in(select.args[clause].this)
    if select.args.get("order") is not None:
        for ordered in select.args["order"].expressions:
            if ordered.this not in known:
                found += aggregates_in(ordered.this)
    return found


def _hint(node: Node) -> str:
    of = next((each.name for each in node.find_all(exp.Column)), "")
    return f"{node.key}_{of}" if of else node.key
