"""Sources joined into one frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.chain import Chain
from darkwood_bench.harness.sql.code import Code, all_named, column, text_literal
from darkwood_bench.harness.sql.conjuncts import conjuncts, has_query, sources_of
from darkwood_bench.harness.sql.dtypes import is_number, is_text
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import condition
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source
from darkwood_bench.harness.sql.scope import Scope
from darkwood_bench.harness.sql.translation import Translation


@dataclass(frozen=True)
class Equality:
    """`left = right`, one side of either frame."""

    left: Node
    right: Node


@dataclass(frozen=True)
class On:
    """A join's condition taken apart."""

    keys: tuple[Equality, ...] = ()
    left_only: tuple[Node, ...] = ()
    right_only: tuple[Node, ...] = ()
    mixed: tuple[Node, ...] = ()


def taken_apart(node: Node | None, left: set[str], right: set[str]) -> On:
    """A condition whose columns are qualified, by the sources that its parts are about."""
    keys: list[Equality] = []
    parts: dict[str, list[Node]] = {"left": [], "right": [], "mixed": []}
    for each in conjuncts(node):
        if isinstance(each, exp.Boolean) and each.this:
            continue
        key = _equality(each, left, right)
        if key is not None:
            keys.append(key)
            continue
        owners = sources_of(each)
        side = "left" if owners <= left else "right" if owners <= right else "mixed"
        parts[side].append(each)
    return On(tuple(keys), *(tuple(parts[side]) for side in ("left", "right", "mixed")))


def _equality(node: Node, left: set[str], right: set[str]) -> Equality | None:
    if not isinstance(node, exp.EQ) or has_query(node):
        return None
    one, other = sources_of(node.this), sources_of(node.expression)
    if one and other and one <= left and other <= right:
        return Equality(node.this, node.expression)
    if one and other and one <= right and other <= left:
        return Equality(node.expression, node.this)
    return None


@dataclass(frozen=True)
class Joining:
    """Two frames about to be joined."""

    program: Program
    left: Relation
    right: Relation
    outer: Scope | None
    wanted: frozenset[tuple[str, str]]
    """Columns (alias, name) that the query uses beside the joins' conditions."""

    def on_left(self) -> Translation:
        return Translation(Scope(self.program, self.left, self.outer))

    def on_right(self) -> Translation:
        return Translation(Scope(self.program, self.right, self.outer))

    def aliases(self) -> tuple[set[str], set[str]]:
        left, right = ({each.alias for each in side.sources} for side in (self.left, self.right))
        return left, right


def join(joining: Joining, kind: str, on: On) -> Relation:
    """`kind`: inner, left, right, full, semi, anti. Raises Untranslatable."""
    if kind in ("inner", "left", "semi", "anti", "full") and on.right_only and kind != "full":
        joining = replace(joining, right=_kept(joining, on.right_only, right=True))
        on = replace(on, right_only=())
    if kind in ("inner", "right", "semi") and on.left_only:
        joining = replace(joining, left=_kept(joining, on.left_only, right=False))
        on = replace(on, left_only=())
    if on.left_only or on.right_only or on.mixed:
        if kind == "inner":
            return _inner_with_more(joining, on)
        if kind in ("left", "semi", "anti"):
            return _by_rows(joining, kind, on)
        raise Untranslatable(f"a {kind} join on more than equal columns is not translated")
    if not on.keys:
        if kind == "inner":
            return _crossed(joining)
        raise Untranslatable(f"a {kind} join without equal columns is not translated")
    return _on_keys(joining, kind, on.keys)


def _kept(joining: Joining, conditions: Sequence[Node], *, right: bool) -> Relation:
    side = joining.right if right else joining.left
    translate = joining.on_right() if right else joining.on_left()
    texts = [condition(translate(each)).text for each in conditions]
    return replace(side, chain=side.chain.where(*texts))


def _on_keys(joining: Joining, kind: str, keys: Sequence[Equality]) -> Relation:
    pairs = [_like(joining.on_left()(key.left), joining.on_right()(key.right)) for key in keys]
    plain = all(left.column and right.column for left, right in pairs)
    arguments = _key_arguments(pairs)
    if kind in ("semi", "anti"):
        chain = joining.left.chain.then(
            "join", joining.right.chain.text, *arguments, f'how="{kind}"'
        )
        return replace(joining.left, chain=chain)
    if kind == "full":
        return _full(joining, pairs, arguments)
    kept_apart = plain and kind != "inner" and _is_wanted(joining, pairs, kind)
    if kind != "inner":
        arguments.append(f'how="{kind}"')
    if kept_apart:
        arguments.append("coalesce=False")
    merged: dict[str, str] = {}
    if plain and not kept_apart:
        for left, right in pairs:
            assert left.column and right.column
            if kind == "right":
                merged[left.column] = right.column
            else:
                merged[right.column] = left.column
    return _joined(joining, kind, arguments, merged)


def _key_arguments(pairs: Sequence[tuple[Code, Code]]) -> list[str]:
    lefts, rights = [left for left, _ in pairs], [right for _, right in pairs]
    if all(left.column and left.column == right.column for left, right in pairs):
        return [f"on={_listed(lefts)}"]
    return [f"left_on={_listed(lefts)}", f"right_on={_listed(rights)}"]


def _listed(codes: Sequence[Code]) -> str:
    texts = [code.argument for code in codes]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _like(left: Code, right: Code) -> tuple[Code, Code]:
    """Keys of one dtype: text that is compared with a number is read as one."""
    if is_text(left.dtype) and is_text(right.dtype) and left.dtype != right.dtype:
        return _as_string(left), _as_string(right)
    if is_text(left.dtype) and is_number(right.dtype):
        return left.call("cast", "pl.Int64", "strict=False", dtype=pl.Int64()), right
    if is_number(left.dtype) and is_text(right.dtype):
        return left, right.call("cast", "pl.Int64", "strict=False", dtype=pl.Int64())
    if isinstance(left.dtype, pl.Date) and isinstance(right.dtype, pl.Datetime):
        return left, right.call("dt.date", dtype=pl.Date())
    if isinstance(left.dtype, pl.Datetime) and isinstance(right.dtype, pl.Date):
        return left.call("dt.date", dtype=pl.Date()), right
    return left, right


def _as_string(code: Code) -> Code:
    if isinstance(code.dtype, pl.String):
        return code
    return code.call("cast", "pl.String", dtype=pl.String())


def _is_wanted(joining: Joining, pairs: Sequence[tuple[Code, Code]], kind: str) -> bool:
    """Whether the key of the side that may have no partner is used beside the join."""
    side = joining.left if kind == "right" else joining.right
    keys = {left.column if kind == "right" else right.column for left, right in pairs}
    used = {
        source.columns[name].name
        for source in side.sources
        for alias, name in joining.wanted
        if source.alias == alias and name in source.columns
    }
    return bool(keys & used)


def _joined(joining: Joining, kind: str, arguments: list[str], merged: dict[str, str]) -> Relation:
    """The frame of a join, and where the columns of both sides are in it.

    `merged`: columns that the join drops, with those that have their values.
    """
    dropping_left = kind == "right"
    left_names = [n for n in joining.left.names if not (dropping_left and n in merged)]
    right_names = [n for n in joining.right.names if dropping_left or n not in merged]
    taken = set(left_names)
    suffix = "_right"
    twice = [name for name in right_names if name in taken]
    while any(f"{name}{suffix}" in taken | set(right_names) for name in twice):
        suffix += "_"
    if suffix != "_right" and twice:
        arguments = [*arguments, f"suffix={text_literal(suffix)}"]
    now = {name: f"{name}{suffix}" if name in taken else name for name in right_names}
    outer_left, outer_right = kind in ("right", "full"), kind in ("left", "full")
    sources = []
    for source in joining.left.sources:
        names = {n: now[merged[n]] for n in merged} if dropping_left else {}
        sources.append(_moved(source, names, nullable=outer_left))
    for source in joining.right.sources:
        names = now | ({} if dropping_left else merged)
        sources.append(_moved(source, names, nullable=outer_right))
    chain = joining.left.chain.then("join", joining.right.chain.text, *arguments)
    return Relation(chain, tuple(sources))


def _moved(source: Source, names: dict[str, str], *, nullable: bool) -> Source:
    columns = {
        sql: Column(names.get(each.name, each.name), each.dtype, each.nullable or nullable)
        for sql, each in source.columns.items()
    }
    return Source(source.alias, columns)


def _full(joining: Joining, pairs: Sequence[tuple[Code, Code]], arguments: list[str]) -> Relation:
    """Neither side's keys are dropped."""
    return _joined(joining, "full", [*arguments, 'how="full"'], {})


def _crossed(joining: Joining) -> Relation:
    return _joined(joining, "inner", ['how="cross"'], {})


def _inner_with_more(joining: Joining, on: On) -> Relation:
    """Equal columns first, the rest as a filter; without any, a join on the rest."""
    if on.keys:
        relation = _on_keys(joining, "inner", on.keys)
        translate = Translation(Scope(joining.program, relation, joining.outer))
        texts = [condition(translate(each)).text for each in on.mixed]
        return replace(relation, chain=relation.chain.where(*texts))
    crossed = _joined(joining, "inner", [], {})
    translate = Translation(Scope(joining.program, crossed, joining.outer))
    texts = [condition(translate(each)).text for each in on.mixed]
    *_, last = crossed.chain.steps
    chain = joining.left.chain.then("join_where", last.arguments[0], *texts, *last.arguments[1:])
    return replace(crossed, chain=chain)


def _by_rows(joining: Joining, kind: str, on: On) -> Relation:
    """Partners are found by an inner join, by the rows' numbers, and put beside them again."""
    row = joining.program.column("row")
    name = "rows"
    numbered = joining.program.assign(
        name, joining.left.chain.then("with_row_index", text_literal(row))
    )
    left = replace(joining.left, chain=numbered)
    counted = replace(
        left, sources=(*left.sources, Source("", {row: Column(row, pl.UInt32(), False)}))
    )
    inner = replace(joining, left=counted)
    pairs = join(inner, "inner", replace(on, left_only=(), mixed=(*on.mixed, *on.left_only)))
    if kind in ("semi", "anti"):
        chain = numbered.then("join", pairs.chain.text, f"on={text_literal(row)}", f'how="{kind}"')
        return replace(left, chain=chain.then("drop", text_literal(row)))
    aliases = {source.alias for source in joining.right.sources}
    partners = [source for source in pairs.sources if source.alias in aliases]
    chosen: dict[str, Code] = {row: column(row)}
    sources = []
    for source in partners:
        columns = {}
        for sql, each in source.columns.items():
            name = each.name
            if name in joining.left.names:  # a key that the join has merged
                if (source.alias, sql) not in joining.wanted:
                    continue
                name = joining.program.column(f"{name}_right")
            chosen[name] = column(each.name, each.dtype)
            columns[sql] = Column(name, each.dtype)
        sources.append(Source(source.alias, columns))
    kept = pairs.chain.then("select", *all_named(chosen))
    chain = numbered.then("join", kept.text, f"on={text_literal(row)}", 'how="left"')
    return Relation(chain.then("drop", text_literal(row)), (*joining.left.sources, *sources))


def asof(joining: Joining, kind: str, node: Node) -> Relation:
    """ASOF JOIN: the nearest partner before, or after."""
    on = taken_apart(node, *joining.aliases())
    if len(on.mixed) != 1 or type(on.mixed[0]) not in _STRATEGIES:
        raise Untranslatable("an ASOF join needs one comparison beside equal columns")
    comparison = on.mixed[0]
    aliases, _ = joining.aliases()
    turned = not sources_of(comparison.this) <= aliases
    strategy, exact = _STRATEGIES[type(comparison)]
    if turned:
        strategy = {"backward": "forward", "forward": "backward"}[strategy]
    ends = (comparison.this, comparison.expression)
    mine, theirs = (ends[1], ends[0]) if turned else ends
    left, right = joining.on_left()(mine), joining.on_right()(theirs)
    if not left.column or not right.column:
        raise Untranslatable("an ASOF join on what are no columns is not translated")
    pairs = [(joining.on_left()(key.left), joining.on_right()(key.right)) for key in on.keys]
    arguments = [f"left_on={left.argument}", f"right_on={right.argument}"]
    if pairs and all(one.column == other.column for one, other in pairs):
        arguments.append(f"by={_listed([one for one, _ in pairs])}")
    elif pairs:
        arguments.append(f"by_left={_listed([one for one, _ in pairs])}")
        arguments.append(f"by_right={_listed([other for _, other in pairs])}")
    if strategy != "backward":
        arguments.append(f'strategy="{strategy}"')
    if not exact:
        arguments.append("allow_exact_matches=False")
    arguments += ["coalesce=False", "check_sortedness=False"]
    # Neither side may have nulls in what it is sorted by.
    sorted_right = joining.right.chain.where(f"{right.text}.is_not_null()").then(
        "sort", right.argument
    )
    sorted_left = joining.left.chain.then("sort", left.argument)
    joining = replace(
        joining,
        left=replace(joining.left, chain=sorted_left),
        right=replace(joining.right, chain=sorted_right),
    )
    merged = {other.column: one.column for one, other in pairs if one.column and other.column}
    relation = _joined(joining, "left", arguments, merged)
    *before, last = relation.chain.steps
    chain = Chain(relation.chain.base, tuple(before)).then("join_asof", *last.arguments)
    if kind == "inner":
        moved = relation.sources[-1].columns[theirs.name].name
        chain = chain.where(f"{column(moved).text}.is_not_null()")
    return replace(relation, chain=chain)


_STRATEGIES = {
    exp.GTE: ("backward", True),
    exp.GT: ("backward", False),
    exp.LTE: ("forward", True),
    exp.LT: ("forward", False),
}
