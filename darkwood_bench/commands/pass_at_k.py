"""`darkwood pass-at-k`: what several answers to each question would be worth."""

import json
from typing import Annotated, Any

import typer

from darkwood_bench.commands.terminal import compact_table, fail, known, out
from darkwood_bench.settings import settings_from_env


def pass_at_k(
    model: Annotated[str, typer.Argument(help="The model.")],
    variant: Annotated[str, typer.Argument(help="The prompt variant.")],
    k: Annotated[
        list[int] | None,
        typer.Option("--k", min=1, help="How many samples; repeat. Default: 1, and all there are."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Estimate the chance that one of k samples is right, from runs that differ in their seed.

    A run with a temperature is one sample of each task. Ask a few seeds, then estimate:

      darkwood run -m qwen2.5-coder-0.5b -v best_cpu --quick --temperature 0.6 --seed 1

      darkwood run -m qwen2.5-coder-0.5b -v best_cpu --quick --temperature 0.6 --seed 2

      darkwood pass-at-k qwen2.5-coder-0.5b best_cpu

    By the unbiased estimator of Chen et al. (2021), with 95 % intervals over databases. The time of
    k samples is k times that of one: a Score is only of what was run.
    """
    from darkwood_bench.score_history import past_scores, scored_partitions
    from darkwood_bench.scoring import samples_of

    tables = settings_from_env().tables
    partitions = scored_partitions(tables)
    known("scored model", [model], [of for of, _ in partitions])
    known(f"score of {model} under", [variant], [one for of, one in partitions if of == model])
    found = [one for one in samples_of(past_scores(tables, model, variant)) if len(one.seeds) > 1]
    if not found:
        fail(
            f"no two runs of {model}/{variant} differ in their seed alone: run it with "
            "--temperature 0.6 and two values of --seed, over the same weights, tasks and packages"
        )
    rows: list[dict[str, Any]] = []
    for samples in found:
        for draws in sorted(set(k or (1, len(samples.seeds)))):
            if draws > len(samples.seeds):
                continue
            share, interval = samples.pass_at(draws)
            rows.append(
                {
                    "slice": samples.slice,
                    "seeds": list(samples.seeds),
                    "n_tasks": len(samples.correct),
                    "k": draws,
                    "pass_at_k": share,
                    "low": interval and interval.low,
                    "high": interval and interval.high,
                }
            )
    if not rows:
        most = max(len(samples.seeds) for samples in found)
        fail(f"--k: there are {most} seeds of {model}/{variant}; ask for {most} or fewer")
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = compact_table()
    for name in ("slice", "seeds", "tasks", "pass@k", "share", "95 % interval"):
        table.add_column(name)
    for row in rows:
        between = "unknown" if row["low"] is None else f"{row['low']:.1%} to {row['high']:.1%}"
        table.add_row(
            row["slice"],
            str(len(row["seeds"])),
            str(row["n_tasks"]),
            f"pass@{row['k']}",
            f"{row['pass_at_k']:.1%}",
            between,
        )
    out.print(table)
