"""`darkwood run`: ask, execute, validate, score."""

import logging
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from darkwood_bench.commands.leaderboard import print_board
from darkwood_bench.commands.suites import Suites, asked_suites
from darkwood_bench.commands.terminal import MEGABYTE, err, fail, known, shown_progress
from darkwood_bench.progress import Report
from darkwood_bench.sandbox import ALLOW_UNISOLATED
from darkwood_bench.settings import settings_from_env

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from darkwood_bench.assets.slices import RunConfig
    from darkwood_bench.harness import ModelSpec
    from darkwood_bench.partitions import Cell


def _size(value: str | None) -> str | None:
    from darkwood_bench.harness import parse_bytes

    if value is None:
        return None
    try:
        size = parse_bytes(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if size < MEGABYTE:  # a forgotten unit: nothing would be answered
        raise typer.BadParameter(f"'{value}' is {size} bytes; write 6GB, 512MB or 4GiB")
    return value


def run(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="Ask this model or submission of the registry; repeat for more. Default: the "
            "default.",
        ),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            "-v",
            help="Use this prompt variant; repeat. Default: all but ablations; submissions bring "
            "their own.",
        ),
    ] = None,
    suite: Suites = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ask 30 tasks, stratified by category, and not all.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Ask a stratified slice of this many tasks; goes before --quick."),
    ] = None,
    regenerate: Annotated[
        bool,
        typer.Option(
            "--regenerate",
            help="Ask again what the journal already answers. Stopped and started again, it goes "
            "on where it was.",
        ),
    ] = False,
    mode: Annotated[
        Literal["sequential", "batched"],
        typer.Option(
            help="Ask one at a time, or all at once: T is then the wall time of the batch, and "
            "ranks apart.",
        ),
    ] = "sequential",
    repeats: Annotated[
        int,
        typer.Option(
            min=1, help="Ask every prompt so many times: T gets a spread; the first is judged."
        ),
    ] = 1,
    max_ram: Annotated[
        str | None,
        typer.Option(
            "--max-ram",
            metavar="SIZE",
            callback=_size,
            help="Stop answers that take more memory, such as 6GB; they count as wrong.",
        ),
    ] = None,
    max_vram: Annotated[
        str | None,
        typer.Option("--max-vram", metavar="SIZE", callback=_size, help="The same for GPU memory."),
    ] = None,
    max_seconds: Annotated[
        float,
        typer.Option("--max-seconds", min=0.001, help="Stop an answer that takes longer."),
    ] = 600.0,
    temperature: Annotated[
        float,
        typer.Option(
            min=0.0, max=2.0, help="Draw tokens at this temperature; 0 takes the likeliest."
        ),
    ] = 0.0,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the draws; it changes nothing at temperature 0.")
    ] = 0,
    launch: Annotated[
        bool,
        typer.Option(
            "--launch",
            help="Have the instance's run launcher start the runs (on Ray, Kubernetes: "
            "docs/scale.md), a run a model, and wait for them. Needs the daemon.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print this run's scores as JSON, as the board has them.")
    ] = False,
    allow_unisolated: Annotated[
        bool,
        typer.Option(
            "--allow-unisolated",
            help="Run models' code even where nothing confines it: it can do all that you can.",
        ),
    ] = False,
) -> None:
    """Ask the models, run their code, validate it, score it, and print the leaderboard.

    Answers are kept: what is unchanged is not asked again, and a run that was stopped goes on
    where it was.

    The board shows each system's fullest run, so that a slice does not take the place of a run over
    all tasks. Examples:

      darkwood run --quick

      darkwood run --model smollm2-135m --variant few_shot --limit 5

      darkwood run --repeats 3 --max-ram 6GB --max-seconds 60
    """
    quiet_libraries()
    if allow_unisolated:
        os.environ[ALLOW_UNISOLATED] = "1"
    from darkwood_bench.assets.slices import RunConfig
    from darkwood_bench.harness import default_model, load_models
    from darkwood_bench.pairing import grid_variants, pairs
    from darkwood_bench.prompting import load_variants, usual_variants

    settings = settings_from_env()
    specs = load_models(settings.models)
    variants = load_variants(settings.variants)
    suites = [bank.name for bank in asked_suites(settings.datasets, suite)]
    default = [default_model(specs)]
    chosen_models = known("model", model or default, list(specs))
    order = grid_variants(specs, variants)
    named = known("prompt variant", variant, order) if variant else []
    usual = grid_variants(specs, usual_variants(variants))
    asked = pairs({name: specs[name] for name in chosen_models}, named, usual)
    config = RunConfig(
        suites=suites if suite else [],
        quick=quick,
        limit=limit,
        regenerate=regenerate,
        mode=mode,
        repeats=repeats,
        max_ram=max_ram,
        max_vram=max_vram,
        max_seconds=max_seconds,
        temperature=temperature,
        seed=seed,
    )

    chosen_variants = dict.fromkeys(variant for _, variant in asked)
    err.print(
        f"asking {', '.join(chosen_models)} under {', '.join(chosen_variants)} "
        f"({config.slice}); answers are kept in {settings.store}",
        highlight=False,
        soft_wrap=True,
    )
    from darkwood_bench.launch import StageFailure, open_instance, run_grid
    from darkwood_bench.partitions import Cell
    from darkwood_bench.regeneration import named_regeneration
    from darkwood_bench.resources import Bench

    cells = [Cell(*pair) for pair in asked]
    what = {"cells": [str(cell) for cell in cells], "config": config.model_dump()}
    naming = named_regeneration(settings.store, what) if regenerate else nullcontext(None)
    with naming as name, shown_progress() as report:
        config = config.model_copy(update={"regeneration": name})
        bench = Bench(settings, report)
        with open_instance(bench) as instance:
            try:
                if launch:
                    _launch(instance, bench.report, specs, cells, order, config)
                else:
                    run_grid(instance, bench, cells, order, config)
            except StageFailure as failure:
                fail(
                    f"{failure}; the run's log: `make ui`, then "
                    f"http://127.0.0.1:3000/runs/{failure.run_id}"
                )
            except KeyboardInterrupt:
                rest = "; launched runs go on: stop them in the UI" if launch else ""
                err.print(
                    f"stopped: finished answers are kept; run the same command to go on{rest}"
                )
                raise typer.Exit(130) from None
    from darkwood_bench.commands.run_summary import print_run, print_run_json

    if as_json:
        print_run_json(settings, cells)
    else:
        print_board(settings)
        print_run(settings, cells)


def _launch(
    instance: "DagsterInstance",
    report: Report,
    models: "dict[str, ModelSpec]",
    cells: "list[Cell]",
    order: list[str],
    config: "RunConfig",
) -> None:
    """Queue the runs, say which they are, and wait until each has succeeded."""
    from darkwood_bench.launched import launch_grid, wait_for

    launched = launch_grid(instance, models, cells, order, config)
    for each in launched:
        err.print(f"queued {each.model}: run {each.run_ids[0]}", highlight=False)
    for each in wait_for(instance, launched, report):
        again = len(each.run_ids) - 1
        note = f", started again {again} time{'s' if again > 1 else ''}" if again else ""
        err.print(f"done {each.model}: run {each.run_ids[-1]}{note}", highlight=False)


def quiet_libraries() -> None:
    """Keep notes that are meant for Dagster's developers out of a user's terminal."""
    logging.getLogger("dagster").setLevel(logging.ERROR)
