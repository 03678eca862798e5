"""`darkwood tasks coverage`: how many test tasks each category has of each database."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.suites import Suites, asked_suites
from darkwood_bench.commands.terminal import compact_table, fail, out
from darkwood_bench.report import Heatmap, heatmap_svg
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tasks import Suite


def coverage(
    suite: Suites = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", help="Write the figure to this file too.")
    ] = None,
) -> None:
    """Count the test tasks by category and suite.

    Example: darkwood tasks coverage --svg docs/coverage.svg
    """
    heatmap = _counted(asked_suites(settings_from_env().datasets, suite))
    table = compact_table()
    table.add_column("category", no_wrap=True)
    for name in (*heatmap.columns, "all"):
        table.add_column(name, justify="right", overflow="fold", max_width=4)
    for name, row in zip(heatmap.rows, heatmap.counts, strict=True):
        table.add_row(name, *map(str, row), str(sum(row)))
    totals = [sum(column) for column in zip(*heatmap.counts, strict=True)]
    table.add_row("all", *map(str, totals), str(sum(totals)), style="bold")
    out.print(table)
    out.print(heatmap.subtitle, highlight=False)
    if svg is not None:
        try:
            svg.write_text(heatmap_svg(heatmap), encoding="utf-8")
        except OSError as error:
            fail(f"--svg: {svg} cannot be written ({error.strerror}); name another file", code=2)
        out.print(f"wrote {svg}", highlight=False, soft_wrap=True)


def _counted(suites: tuple[Suite, ...]) -> Heatmap:
    from darkwood_bench.tables import CATEGORIES

    tasks = [task for suite in suites for task in suite.tasks]
    tests = [task for task in tasks if task.split == "test"]
    counts = Counter((task.category, task.suite) for task in tests)
    levels = Counter(task.difficulty for task in tests)
    shares = ", ".join(str(levels[level]) for level in range(1, 6))
    return Heatmap(
        title="Test tasks by category and database",
        subtitle=(
            f"{len(tests)} test tasks, of difficulty 1 to 5: {shares}; "
            f"and {len(tasks) - len(tests)} worked examples"
        ),
        rows=CATEGORIES,
        columns=[suite.name for suite in suites],
        counts=[[counts[category, suite.name] for suite in suites] for category in CATEGORIES],
    )
