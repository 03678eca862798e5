"""`darkwood tasks new`: a suite over one's own tables to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.terminal import out
from darkwood_bench.settings import settings_from_env


def new(
    suite: Annotated[str, typer.Argument(help="The new suite's name.")],
    tables: Annotated[
        Path, typer.Option("--tables", help="A folder of Parquet and CSV files, a table each.")
    ],
    title: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    licence: Annotated[str, typer.Option(help="Under which licence.")] = "not stated",
) -> None:
    """Write a suite over your own tables: suite.yaml, schema.yaml, an example task, a README.

    The tables stay where they are. Example:

      darkwood tasks new sales --tables ~/data/sales
    """
    from darkwood_bench.tables import CATEGORIES
    from darkwood_bench.tasks import (
        Database,
        TaskBankError,
        build_database,
        staged_suite,
        write_skeleton,
        write_suite_file,
    )

    settings = settings_from_env()
    if not tables.is_dir():
        raise TaskBankError(f"{tables}: no such folder; name one with .parquet or .csv files")
    place = str(tables.expanduser().resolve())
    with staged_suite(settings.datasets, suite) as folder:
        write_suite_file(folder, title or f"Tables of {tables.resolve().name}", licence, place)
        database = Database(suite, "files", {"path": place})
        built = build_database(database, folder, settings.cache)
        write_skeleton(folder, built, CATEGORIES)
    target = settings.datasets / suite
    out.print(f"wrote {target}", highlight=False, soft_wrap=True)
    for name, about in (
        ("suite.yaml", f"{len(built)} tables of {place}"),
        ("schema.yaml", "what holds in the data, as far as it shows: correct it"),
        ("tasks.jsonl", "one example that works: put your tasks in its place"),
        ("README.md", "the tables, and what the fields of a task mean"),
    ):
        out.print(f"  {name:<12} {about}", highlight=False, soft_wrap=True)
    out.print(
        f"Next: `darkwood tasks check --suite {suite}`, `darkwood run --suite {suite}`",
        highlight=False,
    )
