"""`darkwood nightly`: a night without the daemon, what is accepted, and how things stand."""

import getpass
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkwood_bench.commands.compare import REFERENCE
from darkwood_bench.commands.run import quiet_libraries
from darkwood_bench.commands.terminal import compact_table, err, fail, known, out, shown_progress
from darkwood_bench.settings import settings_from_env

if TYPE_CHECKING:
    from darkwood_bench.night import Night

Row = dict[str, Any]

HELP = """Ask every model anew and hold each score against the accepted one of its partition.

A partition is worse where it has lost correct answers (McNemar's exact test), or where its Score \
has fallen (paired bootstrap) and falls again when it is measured a second time; each beyond \
chance over the whole night (1 %) and beyond what is borne (2 % of the answers, 10 % of the \
Score). The first score of a partition is accepted as it is.

Exit code 1: something is worse, or a model could not be scored.

Examples:

  darkwood nightly --once

  darkwood nightly --once --model qwen2.5-coder-0.5b --quick

  darkwood nightly accept qwen2.5-coder-0.5b/few_shot --note "new weights"

  darkwood nightly status
"""

nightly = typer.Typer(
    help=HELP,
    short_help="Ask every model anew, and say what has become worse.",
    invoke_without_command=True,
    rich_markup_mode="rich",
    epilog="With the daemon: `make ui`, Automation, switch on `nightly`; its sensor `regressions` "
    "judges what the night has scored. DARKWOOD_WEBHOOK=https://... is told of regressions, as "
    "JSON. docs/nightly.md has all of it.",
)


@nightly.callback()
def night(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Hold one night here and now, and wait for it.")
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="Only this model; repeat. Default: all."),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            "--variant", "-v", help="Only this prompt variant; repeat. Default: all but ablations."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ask 30 tasks, stratified by category, and not all.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask a stratified slice of this many tasks.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Hold one night with --once; else show how."""
    if context.invoked_subcommand is not None:
        return
    if not once:
        print(context.get_help())
        raise typer.Exit(2)
    found = _hold(model, variant, quick, limit)
    if as_json:
        print(json.dumps(_as_dict(found), indent=2, default=str, ensure_ascii=False))
    for name, failure in found.failures.items():
        err.print(f"{name} was not scored: {failure}", highlight=False, markup=False)
    if found.worse:
        names = " ".join(verdict.partition for verdict in found.worse)
        fail(f"{len(found.worse)} of {len(found.verdicts)} partitions are worse: {names}")
    if found.failures:
        fail(f"not scored: {', '.join(found.failures)}")
    if not as_json:
        out.print(f"none of {len(found.verdicts)} partitions is worse", highlight=False)


def _hold(
    model: list[str] | None, variant: list[str] | None, quick: bool, limit: int | None
) -> "Night":
    quiet_libraries()
    from darkwood_bench.assets.slices import RunConfig
    from darkwood_bench.harness import load_models
    from darkwood_bench.launch import open_instance
    from darkwood_bench.night import hold_night
    from darkwood_bench.pairing import grid_variants, pairs
    from darkwood_bench.partitions import Cell
    from darkwood_bench.prompting import load_variants, usual_variants
    from darkwood_bench.resources import Bench
    from darkwood_bench.watch import Alerts

    settings = settings_from_env()
    specs = load_models(settings.models)
    variants = load_variants(settings.variants)
    order = grid_variants(specs, variants)
    chosen = known("model", model or [], list(specs))
    named = known("prompt variant", variant, order) if variant else []
    usual = grid_variants(specs, usual_variants(variants))
    cells = [Cell(*pair) for pair in pairs({name: specs[name] for name in chosen}, named, usual)]
    config = RunConfig(quick=quick, limit=limit)
    err.print(f"asking {len(cells)} partitions anew ({config.slice})", highlight=False)

    def say(line: str) -> None:
        err.print(line, highlight=False, markup=False, soft_wrap=True)

    with shown_progress() as report:
        bench = Bench(settings, report)
        with open_instance(bench) as instance:
            try:
                return hold_night(instance, bench, cells, order, config, Alerts.from_env(), say)
            except KeyboardInterrupt:
                err.print("stopped: finished answers are kept; run the same command to go on")
                raise typer.Exit(130) from None


def _as_dict(found: "Night") -> dict[str, Any]:
    return {
        "partitions": {
            verdict.partition: {
                "state": str(verdict.state),
                "lost": list(verdict.lost),
                "score_id": verdict.row["score_id"],
                "accepted": verdict.baseline and verdict.baseline["score_id"],
                "verdict": verdict.comparison and verdict.comparison.verdict,
                "tasks_lost": list(verdict.comparison.lost) if verdict.comparison else [],
            }
            for verdict in found.verdicts.values()
        },
        "failures": {name: str(failure) for name, failure in found.failures.items()},
    }


@nightly.command("accept")
def accept_command(
    score: Annotated[list[str] | None, typer.Argument(metavar="SCORE...", help=REFERENCE)] = None,
    every: Annotated[bool, typer.Option("--all", help="Every partition's newest score.")] = False,
    note: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "",
) -> None:
    """Accept scores: later ones of their partitions are held against them.

    A score counts for those that are asked in its way: the same slice, mode, budgets and device.
    Nothing is deleted, so an earlier one can be accepted again. In the UI: the job `accept_scores`.
    Examples:

      darkwood nightly accept qwen2.5-coder-0.5b/few_shot --note "new weights"

      darkwood nightly accept qwen2.5-coder-0.5b/few_shot@2026-11-20

      darkwood nightly accept --all
    """
    from darkwood_bench.score_history import find_score, scored_partitions
    from darkwood_bench.storage import TableError
    from darkwood_bench.watch import accept, baseline_of

    if bool(score) == every:
        fail("name the scores to accept, as MODEL/VARIANT or by id, or say --all", code=2)
    tables = settings_from_env().tables
    references = score or ["/".join(partition) for partition in scored_partitions(tables)]
    if not references:
        fail("no score is kept yet; make one with `darkwood nightly --once`", code=2)
    rows = [find_score(tables, reference) for reference in references]
    for row in rows:
        try:
            before = baseline_of(tables, row)
        except TableError:
            before = None  # what was accepted cannot be read; this takes its place
        name = f"{row['model']}/{row['prompt_variant']}"
        if before is not None and before["score_id"] == row["score_id"]:
            out.print(f"{name}: {_short(row)} is accepted already", highlight=False)
            continue
        accept(tables, row, getpass.getuser(), note)
        instead = f" instead of {_short(before)}" if before is not None else ""
        out.print(f"{name}: accepted {_short(row)}{instead}", highlight=False, soft_wrap=True)


@nightly.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Each partition's newest score beside the accepted one, and how old it is.

    Example: `darkwood nightly status`
    """
    from darkwood_bench.score_history import newest_first, scored_partitions
    from darkwood_bench.watch import judge_score, watched_partitions

    tables = settings_from_env().tables
    partitions = scored_partitions(tables)
    if not partitions:
        fail("no score is kept yet; make one with `darkwood nightly --once`", code=2)
    watched = len(watched_partitions(tables))
    newest = (next(newest_first(tables, *partition), None) for partition in partitions)
    found = [judge_score(tables, row, watched, accept_first=False) for row in newest if row]
    now = datetime.now(UTC)
    if as_json:
        rows = [
            {
                "partition": verdict.partition,
                "state": str(verdict.state),
                "lost": list(verdict.lost),
                "score_id": verdict.row["score_id"],
                "scored_at": verdict.row["scored_at"],
                "accepted": verdict.baseline and verdict.baseline["score_id"],
            }
            for verdict in found
        ]
        print(json.dumps(rows, indent=2, default=str, ensure_ascii=False))
        return
    table = compact_table()
    for name in ("model\nprompt variant", "newest", "accepted", "it is"):
        table.add_column(name, overflow="fold")
    for verdict in found:
        row = verdict.row
        accepted = "nothing" if verdict.baseline is None else _figures(verdict.baseline)
        age = (now - row["scored_at"]).total_seconds() / 3600
        table.add_row(
            f"{row['model']}\n{row['prompt_variant']}",
            f"{_figures(row)}\n{age:.0f} h ago, {row['slice']}",
            accepted,
            "\n".join([str(verdict.state), *verdict.lost]),
        )
    out.print(table)


def _short(row: Any) -> str:
    return f"{row['score_id'][:8]} of {row['scored_at']:%Y-%m-%d %H:%M} ({_figures(row)})"


def _figures(row: Any) -> str:
    return f"{row['N']} of {row['n_tasks']} in {row['T']:.1f} s"
