"""Which column a name in a query means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.names import closest
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.program import Program
from darkwood_bench.harness.sql.relation import Column, Relation, Source


@dataclass
class Scope:
    """The sources of a SELECT, and those of the query around it."""

    program: Program
    relation: Relation
    outer: "Scope | None" = None
    aliases: dict[str, Node] = field(default_factory=dict)
    """Of the select list, for those clauses that may use them."""
    shared: frozenset[str] = frozenset()
    """Names that USING made one of two sources' columns."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.relation.sources

    def column(self, alias: str, name: str) -> Column | None:
        """A column of a source by its exact names; None where this scope has no such source."""
        for source in self.sources:
            if source.alias == alias:
                return source.columns[name]
        return None

    def find(self, node: exp.Column) -> tuple[str, str] | None:
        """Alias and name of what a column node means here, exactly or by what is all that fits."""
        name = node.name
        if node.table:
            return self._qualified(node.table, name)
        owners = [source for source in self.sources if name in source.columns]
        if owners:
            return self._one_of(owners, name), name
        return None

    def mended(self, node: exp.Column) -> tuple[str, str] | None:
        """As `find`, of names that are only nearly there."""
        name = node.name
        known_as = {source.written or source.alias: source for source in self.sources}
        if node.table in known_as:
            source = known_as[node.table]
            if found := closest(name, source.columns):
                self._say(name, found)
                return source.alias, found
        elif node.table:
            alias = closest(node.table, known_as)
            if alias is not None:
                self._say(node.table, alias)
                again = exp.column(node.this.copy(), table=alias)
                return self.find(again) or self.mended(again)
        owners = [source for source in self.sources if name in source.columns]
        if len(owners) == 1:
            self._say(f"{node.table}.{name}", f"{owners[0].alias}.{name}")
            return owners[0].alias, name
        every = [known for source in self.sources for known in source.columns]
        found = closest(name, every)
        if found is None or owners:
            return None
        owners = [source for source in self.sources if found in source.columns]
        self._say(name, found)
        return self._one_of(owners, found), found

    def _qualified(self, table: str, name: str) -> tuple[str, str] | None:
        for source in self.sources:
            known_as = source.written or source.alias
            if known_as.casefold() == table.casefold() and name in source.columns:
                return source.alias, name
        return None

    def _one_of(self, owners: list[Source], name: str) -> str:
        frames = {source.columns[name].name for source in owners}
        if len(owners) > 1 and len(frames) > 1 and name not in self.shared:
            # Joined on it, they are equal wherever both are there: the first is what is meant.
            self.program.mend(f"{name} is in several tables: that of {owners[0].alias}")
        return owners[0].alias

    def _say(self, written: str, meant: str) -> None:
        self.program.mend(f"{written} -> {meant}")


def qualified(select: exp.Select, scope: Scope) -> None:
    """Have every column of a SELECT say its source and be spelled as there; in place.

    Queries inside it are left to their own scopes. Raises Untranslatable for what no source has.
    """
    for node in list(own_columns(select)):
        resolve(node, scope)


def own_columns(root: Node) -> list[exp.Column]:
    """The column nodes below a node that do not stand in a query of their own."""
    found: list[exp.Column] = []
    for node in root.walk(prune=lambda node: node is not root and isinstance(node, exp.Query)):
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            found.append(node)
    return found


def resolve(node: exp.Column, scope: Scope) -> None:
    """One column node, as `qualified` does."""
    if node.meta.get("resolved"):
        return None
    scopes = [scope]
    while scopes[-1].outer is not None:
        scopes.append(scopes[-1].outer)
    for each in scopes:
        if found := each.find(node):
            return _set(node, found)
    if not node.table and node.name.casefold() in _folded(scope.aliases):
        alias = _folded(scope.aliases)[node.name.casefold()]
        node.set("this", exp.to_identifier(alias))
        node.meta["alias"] = True
        return None
    if _is_field(node, scopes):
        return None
    if not node.table and node.this.quoted and _is_text(node):
        # MySQL and SQLite write text in double quotes.
        node.replace(exp.Literal.string(node.name))
        scope.program.mend(f"\"{node.name}\" -> '{node.name}'")
        return None
    for each in scopes:
        if found := each.mended(node):
            return _set(node, found)
    where = ", ".join(source.alias for source in scope.sources) or "no table"
    raise Untranslatable(f"no column {node.sql()} in {where}")


def _set(node: exp.Column, found: tuple[str, str]) -> None:
    alias, name = found
    node.set("table", exp.to_identifier(alias, quoted=True))
    node.set("this", exp.to_identifier(name, quoted=True))
    node.meta["resolved"] = True


def _is_field(node: exp.Column, scopes: list[Scope]) -> bool:
    """`place.lat`, where place is a column: made a field of it, in place."""
    if not node.table:
        return False
    owner = exp.column(node.args["table"].copy(), table=node.args.get("db"))
    for each in scopes:
        if found := each.find(owner):
            _set(owner, found)
            node.replace(exp.Dot(this=owner, expression=node.this.copy()))
            return True
    return False


def _is_text(node: exp.Column) -> bool:
    """Whether it stands where a value is compared with another column."""
    parent = node.parent
    if isinstance(parent, exp.In):
        return parent.this is not node
    if isinstance(parent, (exp.EQ, exp.NEQ, exp.Like, exp.ILike)):
        return parent.expression is node
    return False


def _folded(aliases: Mapping[str, Node]) -> dict[str, str]:
    return {name.casefold(): name for name in aliases}
