"""`darkwood leaderboard`: every system's fullest score."""

import json
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.table import Table

from darkwood_bench.commands.terminal import compact_table, fail, out
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.tables import LEADERBOARD, NOISY_LOAD

Row = dict[str, Any]
NONE = "–"


def leaderboard(
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Print every model's and prompt variant's score, best first: that of its run over the most
    tasks, and of equally many the newest. `darkwood history` has all of them.

    Systems are ranked only against those that were asked the same tasks. Below a figure: its 95 %
    interval.
    """
    settings = settings_from_env()
    if as_json:
        print(json.dumps(board_rows(settings), indent=2, default=str, ensure_ascii=False))
    else:
        print_board(settings)


def print_board(settings: Settings) -> None:
    """The board as a table a slice, and where to look next."""
    rows = board_rows(settings)
    for (slice_, suites, asked, dataset, conditions), group in groupby(rows, key=_group):
        title = f"{slice_}: {asked} tasks of {suites} (dataset {dataset}, {conditions})"
        out.print(f"[bold]{title}[/bold]", highlight=False, soft_wrap=True)
        out.print(_table(list(group)))
    _print_notes(rows)


def _group(row: Row) -> tuple[str, str, int, str, str]:
    conditions = f"{row['mode']}, at most {row['budgets']} an answer, {row['isolation_level']}"
    return row["slice"], ", ".join(row["suites"]), row["n_tasks"], row["dataset_hash"], conditions


def _table(rows: list[Row]) -> Table:
    """Figures with their intervals below them, so that a row fits a terminal of 80 columns."""
    table = compact_table()
    table.add_column("#", justify="right")
    table.add_column("model\nprompt variant", overflow="fold")
    for name in ("N of n", "accuracy", "T\ns", "VRAM\nGB", "RAM\nGB", "Score"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            _figure(row["rank"], "d"),
            f"{row['model']}\n{row['prompt_variant']}{_unverified(row)}",
            f"{row['N']} of {row['n_tasks']}{_base_only(row)}",
            _with_interval(row, "accuracy", ".0%"),
            _with_interval(row, "T", ".1f"),
            _figure(row["VRAM_GB"], ".2f"),
            _figure(row["RAM_GB"], ".2f"),
            _with_interval(row, "score", ".4f"),
        )
    return table


def _figure(value: float | None, style: str) -> str:
    return NONE if value is None else format(value, style)


def _unverified(row: Row) -> str:
    share = f"{row['n_unverified']} of {row['n_tasks']}"
    return f"\n[yellow]unverified: {share}[/yellow]" if row["n_unverified"] else ""


def _base_only(row: Row) -> str:
    return f"\n[dim]{row['n_base_only']} base only[/dim]" if row["n_base_only"] else ""


def _with_interval(row: Row, name: str, style: str) -> str:
    value, low, high = (row[column] for column in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return NONE
    if low is None:
        return format(value, style)
    return f"{value:{style}}\n[dim]{low:{style}}–{high:{style}}[/dim]"


def _print_notes(rows: list[Row]) -> None:
    out.print(
        "[dim]Score = N / (T × VRAM^0.1 × RAM^0.01), each memory counting as at least 1 GB. "
        "Below a figure: its 95 % interval.[/dim]",
        highlight=False,
    )
    if any(row["n_base_only"] for row in rows):
        out.print(
            "[dim]base only: right on the base data and wrong on a variant of it, so not in N."
            "[/dim]",
            highlight=False,
        )
    if any(row["slice"] != "all" for row in rows):
        out.print(
            "[yellow]A slice (quick, limit) is a sample: `darkwood run` asks every task.[/yellow]",
            highlight=False,
        )
    if any(row["n_unverified"] for row in rows):
        out.print(
            "[yellow]unverified: tasks whose gold was not found to agree with an oracle. "
            "`darkwood tasks check` looks, and the next run counts it.[/yellow]",
            highlight=False,
        )
    if any(row["VRAM_GB"] is None for row in rows):
        out.print(
            "[yellow]–: not measured. The model answered on a server whose memory nobody saw, so "
            "it has no Score and no rank.[/yellow]",
            highlight=False,
        )
    for row in rows:
        if (row["other_load"] or 0.0) > NOISY_LOAD:
            out.print(
                f"[yellow]T of {row['model']} {row['prompt_variant']} was taken while other "
                f"processes had {row['other_load']:.0%} of the cores: measure on a quiet machine "
                "(`--regenerate`).[/yellow]",
                highlight=False,
                soft_wrap=True,
            )
    best = max(rows, key=lambda row: row["scored_at"])
    out.print(
        f"Next: `darkwood trace {best['model']} {best['prompt_variant']}` (what was asked, "
        "answered and wrong), `make ui` (the runs, at http://127.0.0.1:3000)",
        highlight=False,
        soft_wrap=True,
    )


def board_rows(settings: Settings) -> list[Row]:
    """The rows of the leaderboard; ends the command where there are none."""
    from darkwood_bench.storage import read_table

    board = read_table(settings.tables, LEADERBOARD.name)
    if board is None or board.is_empty():
        fail("there is no leaderboard yet; make one with `darkwood run --quick`")
    if board.columns != list(LEADERBOARD.columns):
        fail("the leaderboard was made by another version; make it again with `darkwood run`")
    return board.to_dicts()
