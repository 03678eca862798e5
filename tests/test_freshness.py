"""Whether the nights still come: Dagster's own daemon looks at the board, over a real instance."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions import freshness_evaluator
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.freshness import FreshnessDaemon
from dagster._time import get_current_timestamp

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.prompting import load_variants
from darkwood_bench.resources import Bench
from darkwood_bench.ui import WORKSPACE

BOARD = dg.AssetKey("leaderboard")
HOUR_S = 3600


def test_a_board_that_grows_old_warns_and_then_fails(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The instance as the project sets it up, not as these tests do.
    here = Bench(replace(bench.settings, dagster_home=tmp_path / "new"))
    with (
        open_instance(here) as instance,
        WorkspaceProcessContext(instance, WorkspaceFileTarget([str(WORKSPACE)])) as workspace,
    ):
        assert FreshnessDaemon.daemon_type() in instance.get_required_daemon_types()

        def seen_after(hours: float) -> str:
            now = get_current_timestamp() + hours * HOUR_S
            monkeypatch.setattr(freshness_evaluator, "get_current_timestamp", lambda: now)
            list(FreshnessDaemon().run_iteration(workspace))
            return instance.get_freshness_state_records([BOARD])[BOARD].freshness_state.value

        def score() -> None:
            order = list(load_variants(here.settings.variants))
            config = RunConfig(limit=1, regenerate=True)
            run_grid(instance, here, [Cell("script", "minimal")], order, config)

        assert seen_after(0) == "UNKNOWN"  # nobody has scored anything
        score()
        assert [seen_after(hours) for hours in (0, 35, 37, 191, 193)] == [
            "PASS",
            "PASS",
            "WARN",
            "WARN",
            "FAIL",
        ]
        score()
        assert seen_after(0) == "PASS"
