"""The sensors of the night, over scores that were really made, with a receiver that is there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData
from free_port import free_port
from herd import TASKS, World, open_world
from webhook import Receiver

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.automation import NIGHT, run_config
from darkwood_bench.baseline_job import accept_scores
from darkwood_bench.definitions import build_definitions
from darkwood_bench.launch import StageFailure, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.prompting import load_variants
from darkwood_bench.regression_sensor import failed_nights, regressions
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import find_score
from darkwood_bench.watch import Alerts

CELL = Cell("script", "minimal")
FAST, STEADY, SLUGGISH = (
    [0.0] * TASKS,
    [0.1] * TASKS,
    [0.4] * TASKS,
)  # told apart on a busy machine, too
HALF = set(range(12))


@pytest.fixture
def world(bench: Bench, tmp_path: Path) -> Iterator[World]:
    with open_world(bench, tmp_path) as opened:
        yield opened


class Daemon:
    """A sensor's ticks, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.repository = build_definitions(world.bench).get_repository_def()
        self.cursor: str | None = None

    def tick(self, webhook: str | None = None) -> SensorExecutionData:
        with dg.build_sensor_context(
            instance=self.world.instance,
            cursor=self.cursor,
            resources={"bench": self.world.bench, "alerts": Alerts(webhook, 2.0, (0.0,))},
            repository_def=self.repository,
        ) as context:
            found = regressions.evaluate_tick(context)
        self.cursor = found.cursor or self.cursor
        return found


def launch(world: World, night: str | None, *, regenerate: bool = True) -> None:
    order = list(load_variants(world.bench.settings.variants))
    config = RunConfig(quick=False, suites=["herd"], regenerate=regenerate)
    tags = {} if night is None else {NIGHT: night}
    run_grid(world.instance, world.bench, [CELL], order, config, tags)


def accept(world: World, reference: str, **options: Any) -> dg.ExecuteInProcessResult:
    config = {"scores": [reference], "note": "fewer"}
    return accept_scores.execute_in_process(
        instance=world.instance,
        run_config={"ops": {"accept_as_baseline": {"config": config}}},
        resources={"bench": world.bench},
        **options,
    )


def test_a_regression_fails_its_check_and_is_posted_once(world: World) -> None:
    daemon = Daemon(world)
    with Receiver().listening() as receiver:
        world.herd.answers("script", set(), STEADY)
        launch(world, None)
        daemon.tick(receiver.address)
        assert world.checks() == {}  # nobody has accepted anything, and it was not the night's

        launch(world, "2026-11-16")
        daemon.tick(receiver.address)
        assert world.checks() == {"script|minimal": True}
        accepted = find_score(world.bench.settings.tables, "script/minimal")
        world.herd.answers("script", set(), FAST)  # a Score that can only have risen
        launch(world, "2026-11-17")
        daemon.tick(receiver.address)
        assert world.checks() == {"script|minimal": True}
        assert receiver.bodies == []

        world.herd.answers("script", HALF, FAST)
        launch(world, "2026-11-18")
        assert daemon.tick(receiver.address).run_requests == []
        assert world.checks() == {"script|minimal": False}
        (body,) = receiver.bodies
        (entry,) = body["regressions"]
        worse = find_score(world.bench.settings.tables, "script/minimal")
        assert body["event"] == "regression"
        assert entry["partition"] == "script/minimal"
        assert (entry["score_id"], entry["baseline_score_id"]) == (
            worse["score_id"],
            accepted["score_id"],
        )
        assert sorted(entry["tasks_lost"]) == sorted(f"herd/over-{n}" for n in HALF)

        # Neither an idle tick nor the same score, written again, is another regression.
        assert daemon.tick(receiver.address).skip_message == "no new score"
        launch(world, "2026-11-18", regenerate=False)
        daemon.tick(receiver.address)
        again = find_score(world.bench.settings.tables, "script/minimal")
        assert again["score_id"] == worse["score_id"]
        assert len(receiver.bodies) == 1


def test_a_receiver_that_is_down_costs_neither_the_check_nor_the_next_alert(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    daemon = Daemon(world)
    world.herd.answers("script", set(), FAST)
    launch(world, "2026-11-16")
    daemon.tick()
    world.herd.answers("script", HALF, FAST)
    launch(world, "2026-11-17")
    before = daemon.cursor
    daemon.tick(f"http://127.0.0.1:{free_port()}/secret")
    assert world.checks() == {"script|minimal": False}
    assert daemon.cursor != before
    said = capfd.readouterr().err
    assert "script/minimal: worse, N 24 -> 12 of 24" in said
    assert "the webhook at 127.0.0.1 did not take the alert: Connection refused" in said
    assert "secret" not in said

    launch(world, "2026-11-18")
    with Receiver(503).listening() as receiver:
        daemon.tick(receiver.address)
    assert [body["event"] for body in receiver.bodies] == ["regression"] * 2  # the second is taken


def test_a_score_that_only_took_longer_is_measured_again(world: World) -> None:
    daemon = Daemon(world)
    world.herd.answers("script", set(), FAST)
    launch(world, "2026-11-16")
    daemon.tick()
    world.herd.answers("script", HALF, FAST)
    launch(world, "2026-11-17")
    assert accept(world, "script/minimal").success
    world.herd.answers("script", HALF, SLUGGISH)
    launch(world, "2026-11-18")
    with Receiver().listening() as receiver:
        tick = daemon.tick(receiver.address)
    newest = find_score(world.bench.settings.tables, "script/minimal")
    assert receiver.bodies == []
    assert world.checks() == {"script|minimal": False}
    (request,) = tick.run_requests or []
    assert request.run_key == f"confirm {newest['score_id']}"
    assert request.tags[NIGHT] == "2026-11-18"
    assert request.run_config == run_config(
        **RunConfig(quick=False, suites=["herd"], regenerate=True).model_dump()
    )


def told_of_the_last_run(world: World) -> list[dict[str, Any]]:
    """What the sensor of failed nights posts of the newest run."""
    run = world.instance.get_runs(limit=1)[0]
    (failed,) = world.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert failed.dagster_event is not None
    with Receiver().listening() as receiver:
        context = dg.build_run_status_sensor_context(
            "failed_nights",
            failed.dagster_event,
            world.instance,
            run,
            resources={"alerts": Alerts(receiver.address, 2.0, ())},
        ).for_run_failure()
        failed_nights(context)
        return list(receiver.bodies)


def test_a_night_that_ends_without_a_score_is_told_of(world: World) -> None:
    world.herd.broken("script")
    told = []
    for night in (None, "2026-11-16"):
        with pytest.raises(StageFailure):
            launch(world, night)
        told.append(told_of_the_last_run(world))
    assert told[0] == []
    (body,) = told[1]
    run = world.instance.get_runs(limit=1)[0]
    assert (body["event"], body["run_id"]) == ("run_failed", run.run_id)
    assert body["partitions"] == "script|minimal to script|minimal"
    assert "script.yaml" in body["reason"]


def test_a_night_that_fails_before_its_first_step_says_why(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object) -> None:
        raise OSError("the folder of claims is on a disk that cannot be written")

    monkeypatch.setattr("darkwood_bench.resources.claimed", unwritable)
    with pytest.raises(StageFailure, match="cannot be written"):
        launch(world, "2026-11-16")
    (body,) = told_of_the_last_run(world)
    assert body["reason"].startswith("configuration: ")
    assert "a disk that cannot be written" in body["reason"]


def test_a_reference_that_means_nothing_accepts_nothing(world: World) -> None:
    assert not accept(world, "script/none", raise_on_error=False).success
