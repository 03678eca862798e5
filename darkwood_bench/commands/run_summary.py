"""What `darkwood run` says of its own run, beside the board: the board may show fuller ones."""

import json
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from darkwood_bench.commands.leaderboard import board_rows
from darkwood_bench.commands.terminal import out
from darkwood_bench.scoring import leaderboard_rows
from darkwood_bench.settings import Settings
from darkwood_bench.storage import read_table

Row = Mapping[str, Any]
Cells = Iterable[tuple[str, str]]


def print_run_json(settings: Settings, cells: Cells) -> None:
    """The run's own rows as JSON: as on the board; without a rank where that has a fuller run."""
    shown = {row["score_id"]: row for row in board_rows(settings)}
    rows = []
    for score in _scores(settings, cells):
        alone = {**leaderboard_rows([score])[0], "rank": None}
        rows.append(shown.get(score["score_id"], alone))
    print(json.dumps(rows, indent=2, default=str, ensure_ascii=False))


def print_run(settings: Settings, cells: Sequence[tuple[str, str]]) -> None:
    """A line for each partition that the board does not show or that was asked several times."""
    shown = {row["score_id"] for row in board_rows(settings)}
    for score in _scores(settings, cells):
        if score["score_id"] not in shown:
            out.print(not_shown(score), highlight=False, soft_wrap=True)
    for model, variant in cells:
        run = read_table(settings.tables, "runs", model, variant)
        if run is not None and run["repeats"][0] > 1:
            line = spread(run.row(0, named=True))
            out.print(f"{model} {variant}: {line}", highlight=False, soft_wrap=True)


def not_shown(score: Row) -> str:
    """A score that does not stand on the board."""
    value = "no Score" if score["score"] is None else f"Score {score['score']:.4f}"
    return (
        f"{score['model']} {score['prompt_variant']}, this run: {score['N']} of "
        f"{score['n_tasks']} tasks, T {score['T']:.1f} s, {value}; the board keeps the fuller run, "
        f"and `darkwood history` has this one ({score['score_id'][:8]})"
    )


def spread(run: Row) -> str:
    """How T varied over the repeats of a run (a row of the table `runs`), and its CPU time with it.

    Standard deviations are those of a sample (n - 1), as shares of the mean.
    """
    line = f"T of {run['repeats']} repeats: {_spread(run['repeat_total_s'])}"
    if run["repeat_cpu_s"]:
        line += f"; CPU time of the model: {_spread(run['repeat_cpu_s'])}"
    if run["other_load"] is not None:
        line += f"; other processes had {run['other_load']:.1%} of the cores"
    return line


def _spread(seconds: Sequence[float]) -> str:
    middle = mean(seconds)
    share = f" (sd {stdev(seconds) / middle:.1%})" if middle else ""
    return f"{middle:.1f} s, {min(seconds):.1f} to {max(seconds):.1f}{share}"


def _scores(settings: Settings, cells: Cells) -> list[Row]:
    """The newest score of each partition, over all of its tasks."""
    frames = [read_table(settings.tables, "scores", *cell) for cell in cells]
    return [frame.row(0, named=True) for frame in frames if frame is not None]
