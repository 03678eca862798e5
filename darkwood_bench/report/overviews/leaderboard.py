"""The first page: systems ranked, and accuracy against time."""

from collections.abc import Iterator, Sequence
from typing import Any

from darkwood_bench.report.addresses import system_page
from darkwood_bench.report.contents import Contents, Row, System
from darkwood_bench.report.figures import Point, scatter, whisker
from darkwood_bench.report.formats import counted, percent
from darkwood_bench.report.overviews.grouping import group_heading, groups
from darkwood_bench.tables import NOISY_LOAD

WIDE, NARROW = (860, 380), (340, 300)
"""Width and height of a figure on a desk, and on a phone."""


def leaderboard(contents: Contents) -> dict[str, Any]:
    """Systems ranked in groups that may be compared, with what a reader should know of each."""
    found = []
    for identity, board, systems in groups(contents):
        best = max((system.board["score_high"] or 0.0 for system in systems), default=0.0)
        points = [
            Point(
                f"{system.model} {system.variant}",
                system.board["T"],
                system.board["accuracy"],
                system.board["accuracy_low"],
                system.board["accuracy_high"],
                system_page(system.model, system.variant),
            )
            for system in systems
            if system.board["T"] > 0
        ]
        figures = []
        if len(points) > 1:
            figures = [
                {"kind": kind, "svg": scatter(points, *size, f"{identity}-{kind}")}
                for kind, size in (("wide", WIDE), ("narrow", NARROW))
            ]
        rows = [_board_row(system, best) for system in systems]
        found.append(
            {
                "id": identity,
                **group_heading(board),
                "notes": _take_shared_notes(rows),
                "rows": rows,
                "figures": figures,
            }
        )
    newest = max(system.board["scored_at"] for system in contents.systems)
    return {"groups": found, "newest": f"{newest:%Y-%m-%d %H:%M} UTC"}


def _board_row(system: System, best: float) -> dict[str, Any]:
    board = system.board
    names = ("rank", "model", "prompt_variant", "N", "n_tasks", "n_base_only", "n_unverified", "T")
    names += ("T_low", "T_high", "VRAM_GB", "RAM_GB", "score", "score_low", "score_high", "load_s")
    names += ("accuracy", "accuracy_low", "accuracy_high", "gained", "lost", "p_value")
    score, low, high = (board[name] for name in ("score", "score_low", "score_high"))
    line = ""
    if score is not None and low is not None and best > 0:
        line = whisker(score, low, high, 0.0, best)
    return {
        **{name: board[name] for name in names},
        "silent": None if system.missing else system.silently_wrong,
        "whisker": line,
        "notes": list(_notes(system)),
    }


def _take_shared_notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What is noted of every row, taken out of each: it is said once, above them."""
    shared = [note for note in rows[0]["notes"] if all(note in row["notes"] for row in rows)]
    if len(rows) == 1:
        return []
    for row in rows:
        row["notes"] = [note for note in row["notes"] if note not in shared]
    return shared


def _notes(system: System) -> Iterator[str]:
    """What a reader of a row should know before believing it."""
    board = system.board
    if board["rank"] is None:
        yield unranked(board)
    if board["n_unverified"]:
        yield f"gold of {counted(board['n_unverified'], 'task')} is unverified: no oracle agrees"
    if (board["other_load"] or 0.0) > NOISY_LOAD:
        share = percent(board["other_load"])
        yield f"noisy T: other processes had {share} of the cores"
    if system.missing:
        yield f"answers are not shown: {system.missing}"


def unranked(board: Row) -> str:
    """Why a row has no rank."""
    unknown = [name for name in ("VRAM", "RAM") if board[f"{name}_GB"] is None]
    if unknown:
        return (
            f"not ranked: {' and '.join(unknown)} of the server that answered could not be "
            "measured, and a Score needs it"
        )
    return "not ranked: nothing was timed, so there is no Score"
