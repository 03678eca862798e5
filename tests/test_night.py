"""A week of nights over the whole pipeline: scripted models, noisy times, one thing planted."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.automation import NIGHT, run_config
from darkwood_bench.baseline_job import accept_scores
from darkwood_bench.definitions import build_definitions
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.night import Night, hold_night
from darkwood_bench.partitions import Cell
from darkwood_bench.prompting import load_variants
from darkwood_bench.regression_sensor import regressions
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import find_score, past_scores
from darkwood_bench.watch import Alerts, State

VARIANTS = ("minimal", "schema")
MODELS = ("script", "slow")
TASKS = 24
SCORES = dg.AssetKey("scores")


@dataclass
class World:
    """A bank of many small questions, and models whose answers a test writes."""

    bench: Bench
    folder: Path
    instance: dg.DagsterInstance

    def answers(self, model: str, wrong: set[int], delays_s: Any) -> None:
        entries = [
            {
                "match": f"heavier than {n} kg",
                "text": f'result = animals.filter(pl.col("weight_kg") {"<" if n in wrong else ">"}'
                f' {n}).select("name")',
                "delay_s": round(float(delay_s), 4),
            }
            for n, delay_s in zip(range(TASKS), delays_s, strict=True)
        ]
        (self.folder / f"{model}.yaml").write_text(json.dumps({"answers": entries}))

    def cells(self) -> list[Cell]:
        return [Cell(model, variant) for model in MODELS for variant in VARIANTS]

    def night(self, said: list[str]) -> Night:
        order = list(load_variants(self.bench.settings.variants))
        config = RunConfig(quick=False, suites=["herd"])
        return hold_night(
            self.instance, self.bench, self.cells(), order, config, Alerts(), said.append
        )

    def checks(self) -> dict[str, bool]:
        """The newest result of the check for each partition that has one."""
        key = dg.AssetCheckKey(SCORES, "no_regression")
        found: dict[str, bool] = {}
        for record in self.instance.event_log_storage.get_asset_check_execution_history(key, 100):
            event = record.event.dagster_event if record.event else None
            if event is not None:
                evaluation = event.asset_check_evaluation_data
                found.setdefault(evaluation.partition or "", evaluation.passed)
        return found


@pytest.fixture
def world(bench: Bench, tmp_path: Path) -> Iterator[World]:
    herd = tmp_path / "bank" / "herd"
    (herd / "tables").mkdir(parents=True)
    names = (f"n{kg},{kg}.5" for kg in range(-1, TASKS + 1))
    (herd / "tables" / "animals.csv").write_text("\n".join(["name,weight_kg", *names]) + "\n")
    (herd / "suite.yaml").write_text(
        "name: herd\ntitle: animals by weight\nlicence: Apache-2.0\n"
        "database: {name: herd, kind: files, parameters: {path: tables}}\n"
        "tasks: {test: tasks.jsonl, examples: examples.jsonl}\n"
    )
    tasks = [
        {
            "name": f"over-{n}",
            "question": f"Which animals are heavier than {n} kg? Give name.",
            "category": "filters",
            "difficulty": 1,
            "tables": ["animals"],
            "output_columns": ["name"],
            "order_by": [],
            "gold_code": f'result = animals.filter(pl.col("weight_kg") > {n}).select("name")',
            "oracle_sql": f"SELECT name FROM animals WHERE weight_kg > {n}",
        }
        for n in range(TASKS + 1)
    ]
    (herd / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks[:TASKS]))
    (herd / "examples.jsonl").write_text(json.dumps(tasks[TASKS]) + "\n")
    entries = {
        model: {
            "title": "t",
            "default": model == "script",
            "backend": "scripted",
            "file": f"{model}.yaml",
            "sources": [{"local": f"{model}.yaml"}],
        }
        for model in MODELS
    }
    registry = tmp_path / "models.yaml"
    registry.write_text(json.dumps({"models": entries}))
    settings = replace(bench.settings, datasets=tmp_path / "bank", models=(registry,))
    with open_instance(bench) as instance:
        yield World(Bench(settings), tmp_path, instance)


def test_a_week_of_nights_finds_what_is_planted_and_nothing_else(world: World) -> None:
    draws = np.random.default_rng(7)
    usual_s = {model: draws.lognormal(-4.5, 0.5, TASKS) for model in MODELS}
    wrong = {"script": {1, 2, 3}, "slow": set(range(6))}
    worse: dict[int, list[str]] = {}
    said: list[str] = []
    for night in range(7):
        for model in MODELS:
            # An answer of the sampled sort comes and goes; times are never the same.
            flips = {int(n) for n in draws.integers(0, TASKS, 1)}
            planted = set(range(6, 24)) if night >= 4 and model == "slow" else set()
            world.answers(
                model,
                (wrong[model] ^ flips) | planted,
                usual_s[model] * draws.lognormal(0, 0.1, TASKS) * draws.lognormal(0, 0.04),
            )
        found = world.night(said)
        worse[night] = sorted(verdict.partition for verdict in found.worse)
        assert not found.failures
        if night == 0:
            assert {v.state for v in found.verdicts.values()} == {State.FIRST}
    planted_in = ["slow/minimal", "slow/schema"]
    assert worse == {night: planted_in if night >= 4 else [] for night in range(7)}
    assert any("darkwood: 2 worse than accepted" in line for line in said)
    assert {key for key, passed in world.checks().items() if not passed} == {
        "slow|minimal",
        "slow|schema",
    }


def evaluate(world: World, cursor: str | None, alerts: Alerts) -> Any:
    """One tick of the sensor."""
    definitions = build_definitions(world.bench)
    with dg.build_sensor_context(
        instance=world.instance,
        cursor=cursor,
        resources={"bench": world.bench, "alerts": alerts},
        repository_def=definitions.get_repository_def(),
    ) as context:
        return regressions.evaluate_tick(context)


def launch(world: World, night: str | None) -> None:
    order = list(load_variants(world.bench.settings.variants))
    config = RunConfig(quick=False, suites=["herd"], regenerate=True)
    tags = {} if night is None else {NIGHT: night}
    run_grid(world.instance, world.bench, [Cell("script", "minimal")], order, config, tags)


def test_the_sensor_checks_alerts_once_and_measures_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    fast, sluggish = [0.0] * TASKS, [0.4] * TASKS  # told apart on a busy machine, too
    world.answers("script", set(), fast)
    launch(world, None)
    first = evaluate(world, None, Alerts())
    assert world.checks() == {}  # nobody has accepted anything, and it was not the night's

    launch(world, "2026-11-16")
    tick = evaluate(world, first.cursor, Alerts())
    assert world.checks() == {"script|minimal": True}

    world.answers("script", set(range(12)), fast)
    launch(world, "2026-11-17")
    tick = evaluate(world, tick.cursor, Alerts("http://127.0.0.1:1/x", 0.5, ()))
    assert world.checks() == {"script|minimal": False}
    assert tick.run_requests == []
    again = evaluate(world, tick.cursor, Alerts())
    assert again.cursor in (None, tick.cursor)
    assert again.skip_message == "no new score"

    scores = [row["score_id"] for row in past_scores(world.bench.settings.tables)]
    accepted = accept_scores.execute_in_process(
        instance=world.instance,
        run_config={
            "ops": {"accept_as_baseline": {"config": {"scores": [scores[-1]], "note": "fewer"}}}
        },
        resources={"bench": world.bench},
    )
    assert accepted.success
    world.answers("script", set(range(12)), sluggish)
    launch(world, "2026-11-18")
    tick = evaluate(world, tick.cursor, Alerts())
    newest = find_score(world.bench.settings.tables, "script/minimal")
    if (newest["other_load"] or 0) <= 0.05:
        assert world.checks() == {"script|minimal": False}
    (request,) = tick.run_requests
    assert request.run_key == f"confirm {newest['score_id']}"
    assert request.tags[NIGHT] == "2026-11-18"
    assert request.run_config == run_config(
        **RunConfig(quick=False, suites=["herd"], regenerate=True).model_dump()
    )


def test_a_model_that_cannot_be_scored_does_not_stop_the_others(world: World) -> None:
    world.answers("slow", set(), [0.0] * TASKS)
    (world.folder / "script.yaml").write_text("answers: nothing")
    said: list[str] = []
    found = world.night(said)
    assert list(found.failures) == ["script"]
    assert {cell.model for cell in found.verdicts} == {"slow"}
    assert any("the nightly run of script|minimal to script|schema failed" in line for line in said)


def test_a_reference_that_means_nothing_accepts_nothing(world: World) -> None:
    config = {"ops": {"accept_as_baseline": {"config": {"scores": ["script/none"]}}}}
    result = accept_scores.execute_in_process(
        instance=world.instance,
        run_config=config,
        resources={"bench": world.bench},
        raise_on_error=False,
    )
    assert not result.success
