"""A week of nights over the whole pipeline: scripted models, noisy times, one thing planted."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from herd import EVERY_CELL, MODELS, TASKS, World, open_world

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.night import Night, hold_night
from darkwood_bench.prompting import load_variants
from darkwood_bench.resources import Bench
from darkwood_bench.watch import Alerts, State


@pytest.fixture
def world(bench: Bench, tmp_path: Path) -> Iterator[World]:
    with open_world(bench, tmp_path) as opened:
        yield opened


def hold(world: World, said: list[str]) -> Night:
    order = list(load_variants(world.bench.settings.variants))
    config = RunConfig(quick=False, suites=["herd"])
    return hold_night(world.instance, world.bench, EVERY_CELL, order, config, Alerts(), said.append)


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
            world.herd.answers(
                model,
                (wrong[model] ^ flips) | planted,
                usual_s[model] * draws.lognormal(0, 0.1, TASKS) * draws.lognormal(0, 0.04),
            )
        found = hold(world, said)
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


def test_a_model_that_cannot_be_scored_does_not_stop_the_others(world: World) -> None:
    world.herd.answers("slow", set(), [0.0] * TASKS)
    world.herd.broken("script")
    said: list[str] = []
    found = hold(world, said)
    assert list(found.failures) == ["script"]
    assert {cell.model for cell in found.verdicts} == {"slow"}
    assert any("the nightly run of script|minimal to script|schema failed" in line for line in said)
