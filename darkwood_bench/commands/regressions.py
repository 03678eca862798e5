"""`darkwood regressions`: has anything become worse since a run. Made for CI."""

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from darkwood_bench.commands.compare import as_dict
from darkwood_bench.commands.terminal import fail, out
from darkwood_bench.settings import settings_from_env

Row = dict[str, Any]
_ASKED = ("slice", "mode", "budgets")


def regressions(
    since: Annotated[
        str,
        typer.Option(
            help="A Dagster run's id (or its beginning), a score's id, or a date: each partition's "
            "newest score until then is what its newest score of all is compared with."
        ),
    ],
    accuracy: Annotated[
        float, typer.Option(min=0, max=1, help="Share of tasks that may be lost.")
    ] = 0.02,
    score: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the Score that may be lost.")
    ] = 0.10,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Exit 1 where a partition has lost correct answers or Score since a run: significantly (5 %
    over all partitions together), and beyond what is borne; 2 where --since names nothing.

    Example: `darkwood regressions --since 2026-11-22`
    """
    from darkwood_bench.score_history import past_scores, until
    from darkwood_bench.scoring import Tolerance, compare_scores, losses

    rows = past_scores(settings_from_env().tables)
    moment = until(rows, since)
    if rows and moment >= rows[-1]["scored_at"]:
        fail(
            f"--since {since}: nothing was scored after that, so that nothing can be worse; "
            "give a run, a score or a date before the newest score",
            code=2,
        )
    pairs: dict[str, tuple[Row, Row]] = {}
    for name, of_partition in _by_partition(rows).items():
        before = [row for row in of_partition if row["scored_at"] <= moment]
        if before and of_partition[-1]["score_id"] != before[-1]["score_id"]:
            pairs[name] = before[-1], of_partition[-1]
    tolerance = Tolerance(accuracy, score)
    level = tolerance.level(len(pairs))
    compared = {name: compare_scores(*pair, level) for name, pair in pairs.items()}
    found = losses(compared, tolerance)
    if as_json:
        report = {
            name: {"losses": found.get(name, []), **as_dict(compared[name], *pair)}
            for name, pair in pairs.items()
        }
        print(json.dumps(report, indent=2, default=str, ensure_ascii=False))
    else:
        for name, comparison in compared.items():
            mark = f"[red]worse[/red]: {'; '.join(found[name])}" if name in found else "not worse"
            out.print(f"{name}: {mark}", highlight=False, soft_wrap=True)
            out.print(f"  {comparison.verdict}", highlight=False, soft_wrap=True)
        if not compared:
            out.print(_nothing_compared(rows, moment), highlight=False, soft_wrap=True)
    if found:
        fail(f"{len(found)} of {len(compared)} partitions are worse: {', '.join(found)}")


def _nothing_compared(rows: list[Row], moment: datetime) -> str:
    if rows and all(row["scored_at"] > moment for row in rows):
        return f"nothing to compare with: the first score is of {rows[0]['scored_at']:%F %T}"
    return "no partition has a score from then to compare with a newer one"


def _by_partition(rows: list[Row]) -> dict[str, list[Row]]:
    """The scores of each partition that were asked in the way of its newest: another slice, mode or
    budget is another question."""
    found: dict[str, list[Row]] = {}
    for row in reversed(rows):
        of_partition = found.setdefault(f"{row['model']}/{row['prompt_variant']}", [row])
        if row is not of_partition[0] and all(
            row[name] == of_partition[0][name] for name in _ASKED
        ):
            of_partition.append(row)
    return {name: of_partition[::-1] for name, of_partition in found.items()}
