"""SQL as a step on the way to Polars: a model's query is compiled to Polars code.

`compile_sql` reads the query, finds what its names mean in the tables' schemas and writes the
program that an engineer would: filters before joins, group_by and agg, window functions as over.
What it cannot translate is an error with a reason; it never guesses between two meanings. The SQL
is read as DuckDB's, with some of MySQL's, Postgres' and SQLite's ways to say the same.
"""

from dataclasses import dataclass

from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.program import Program, Schemas

__all__ = ["Compiled", "Untranslatable", "compile_answer", "compile_sql"]


_UNFORESEEN = (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class Compiled:
    """Polars code that does what a query says."""

    code: str
    mended: tuple[str, ...] = ()
    """What was read as something else than what was written."""


def compile_sql(sql: str, schemas: Schemas) -> Compiled:
    """The Polars program of a query over tables of these columns; it assigns `result`.

    Raises Untranslatable for what is no SQL, names what is not there, or is not translated.
    """
    from darkwood_bench.harness.sql.chain import assignment
    from darkwood_bench.harness.sql.query import compile_query
    from darkwood_bench.harness.sql.reading import parsed

    program = Program(schemas)
    try:
        table = compile_query(parsed(sql), program, {})
    except RecursionError:
        raise Untranslatable("nested too deeply") from None
    except _UNFORESEEN as error:
        # A model's query may be put together as nobody would: that is its failure, not the run's.
        raise Untranslatable(f"not foreseen: {type(error).__name__}: {error}") from error
    statements = [*program.statements, assignment("result", table.chain)]
    return Compiled("\n".join(statements), tuple(program.mended))


def compile_answer(text: str, schemas: Schemas) -> Compiled:
    """As `compile_sql`, of a model's answer with a query in it."""
    from darkwood_bench.harness.sql.reading import query_in

    sql = query_in(text)
    if sql is None:
        raise Untranslatable("there is no query in the answer")
    return compile_sql(sql, schemas)
