"""The tables of a database, parents before those that refer to them."""

from darkwood_bench.tasks.schema import Schema


def parents_first(schema: Schema) -> tuple[str, ...]:
    """Every table once; where references go in a circle, one of them is met before its parent."""
    done: dict[str, None] = {}

    def visit(table: str, above: frozenset[str]) -> None:
        if table in done or table in above:
            return
        for target in schema.tables[table].references.values():
            visit(target.table, above | {table})
        done.setdefault(table)

    for table in schema.tables:
        visit(table, frozenset())
    return tuple(done)
