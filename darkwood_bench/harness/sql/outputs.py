"""The select list: its expressions, under the names that come out."""

from dataclasses import dataclass

from sqlglot import exp

from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.relation import Source
from darkwood_bench.harness.sql.scope import Scope


@dataclass(frozen=True)
class Output:
    """One column that comes out."""

    name: str
    expression: Node
    aliased: bool = False


def outputs(select: exp.Select, scope: Scope) -> list[Output]:
    """The select list with its stars written out; no name twice."""
    found: list[Output] = []
    for item in select.expressions:
        if isinstance(item, exp.Star):
            found += _every(scope.sources, scope, item)
        elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            sources = [s for s in scope.sources if _is_called(s, item.table)]
            if not sources:
                raise Untranslatable(f"no table {item.table} for {item.table}.*")
            found += _every(sources, scope, item.this)
        elif isinstance(item, exp.Alias):
            found.append(Output(item.alias, item.this, aliased=True))
        else:
            found.append(Output(_name(item), item))
    return _apart(found)


def _is_called(source: Source, name: str) -> bool:
    return (source.written or source.alias).casefold() == name.casefold()


def _every(sources: tuple[Source, ...] | list[Source], scope: Scope, star: Node) -> list[Output]:
    left_out = {each.name.casefold() for each in star.args.get("except_") or ()}
    if star.args.get("replace") or star.args.get("rename"):
        raise Untranslatable("* REPLACE and * RENAME are not translated")
    found: list[Output] = []
    for source in sources:
        for name in source.columns:
            shared = name in scope.shared and any(each.name == name for each in found)
            if source.alias and not shared and name.casefold() not in left_out:
                node = exp.column(
                    exp.to_identifier(name, quoted=True), table=source.alias, quoted=True
                )
                node.meta["resolved"] = True
                found.append(Output(name, node))
    return found


def _name(item: Node) -> str:
    """What DuckDB calls an expression without an alias."""
    if isinstance(item, exp.Column):
        return item.name
    if isinstance(item, exp.Dot):
        return item.expression.name
    if isinstance(item, exp.Count) and isinstance(item.this, exp.Star):
        return "count_star()"
    plain = item.copy()
    for node in plain.find_all(exp.Column):
        node.set("table", None)
        node.this.set("quoted", False)
    text = plain.sql("duckdb")
    return text.lower() if isinstance(item, exp.Func) else f"({text})"


def _apart(found: list[Output]) -> list[Output]:
    seen: set[str] = set()
    named: list[Output] = []
    for each in found:
        name, number = each.name, 1
        while name in seen:
            name, number = f"{each.name}_{number}", number + 1
        seen.add(name)
        named.append(Output(name, each.expression, each.aliased))
    return named
