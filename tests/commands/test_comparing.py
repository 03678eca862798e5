"""What compare, history and regressions print, and how they exit."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from provenances import provenance
from rich.console import Console
from typer.testing import CliRunner, Result

from darkwood_bench.cli import app, main
from darkwood_bench.commands import terminal
from darkwood_bench.score_history import keep_score
from darkwood_bench.scoring import Answer, Costs, score_rows
from darkwood_bench.tables import SCORES

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def keep(
    tables: Path,
    day: int,
    n_right: int,
    wall_s: float = 1.0,
    variant: str = "v",
    budgets: str = "600 s",
    weights: str | None = None,
    **changes: str,
) -> None:
    made = provenance(
        **changes,
        prompt_variant=variant,
        budgets=budgets,
        weights_sha256=weights or f"weights of day {day}",
        dagster_run_id=f"run-of-day-{day}",
    )
    answers = [
        Answer(
            f"s/t{n}", f"db{n % 6}", "joins", 1, f"g{n}", "c", n < n_right, True, True, wall_s, True
        )
        for n in range(60)
    ]
    costs = Costs(0.0, 0, 0, 0.0)
    rows = score_rows(answers, costs, made, START + timedelta(days=day))
    keep_score(str(tables), SCORES.frame(rows))


@pytest.fixture(autouse=True)
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DARKWOOD_TABLES", str(tmp_path))
    return tmp_path


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What is written to standard error, whose descriptor the commands keep for themselves."""
    written = StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=written))
    return written


def darkwood(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "80"})


def test_compare_says_what_was_gained_and_what_differs(tables: Path) -> None:
    keep(tables, 0, 10)
    keep(tables, 1, 25)
    shown = darkwood("compare", "m/v@previous", "m/v")
    assert shown.exit_code == 0, shown.output
    assert "B answers more; a higher Score: N 10 -> 25 of 60 (gained 15, lost 0" in shown.output
    assert "weights_sha256: weights of day 0 -> weights of day 1" in shown.output
    assert "darkwood trace m v s/t10 --generation g10" in shown.output
    found = json.loads(darkwood("compare", "m/v@previous", "m/v", "--json").output)
    assert (found["n_a"], found["n_b"], len(found["gained"])) == (10, 25, 15)


def test_history_lists_what_compare_takes(tables: Path) -> None:
    keep(tables, 0, 10)
    shown = darkwood("history")
    assert "10 of 60" in shown.output
    (score_id,) = re.findall(r"^ ?([0-9a-f]{8}) ", shown.output, re.MULTILINE)
    assert darkwood("compare", score_id, "m/v").exit_code == 0


def test_history_of_an_unknown_name_lists_what_has_scores(tables: Path, errors: StringIO) -> None:
    assert darkwood("history").exit_code == 1
    assert "darkwood run --quick" in errors.getvalue()
    keep(tables, 0, 10)
    for arguments, hint in ((("x",), "there are m"), (("m", "x"), "there are v")):
        shown = darkwood("history", *arguments)
        assert shown.exit_code == 2
        assert hint in errors.getvalue()


def test_no_name_of_the_history_is_cut_at_80_columns(tables: Path) -> None:
    name = "ten_shot_routed_12"
    keep(tables, 0, 10, variant=name)
    assert name in darkwood("history").output


def test_the_history_says_how_each_score_was_asked(tables: Path) -> None:
    keep(tables, 0, 10, budgets="RAM 6 GB, 60 s")
    shown = darkwood("history").output
    for part in ("all", "sequential", "RAM 6 GB", "60 s"):
        assert part in shown


def test_regressions_fail_on_a_loss_that_is_significant_and_large_enough(tables: Path) -> None:
    keep(tables, 0, 30)
    keep(tables, 1, 15)
    keep(tables, 1, 30, variant="other")
    shown = darkwood("regressions", "--since", "2026-11-20")
    assert shown.exit_code == 1
    assert "m/v: worse: N 30 -> 15 of 60" in shown.output
    assert "other" not in shown.output  # it has no score to be compared with
    late = darkwood("regressions", "--since", "run-of-day-1")
    assert late.exit_code == 2  # a check that cannot fail is a mistake
    borne = darkwood("regressions", "--since", "2026-11-20", "--accuracy", "0.3", "--score", "0.9")
    assert borne.exit_code == 0, borne.output


def test_the_level_is_shared_by_all_partitions_and_tests(tables: Path) -> None:
    """Seven answers lost, p = 0.016: worse alone (level 0.025), and not beside another (0.0125)."""

    def found() -> tuple[int, float]:
        shown = darkwood("regressions", "--since", "2026-11-20", "--score", "1", "--json")
        low, high = json.loads(shown.stdout)["m/v"]["score_ratio_interval"]
        return shown.exit_code, high - low

    keep(tables, 0, 30)
    keep(tables, 1, 23)
    alone = found()
    for day in range(2):
        keep(tables, day, 30, variant="other")
    beside = found()
    assert (alone[0], beside[0]) == (1, 0)
    assert alone[1] < beside[1]


def test_regressions_say_that_there_is_nothing_to_compare_with(tables: Path) -> None:
    keep(tables, 1, 30)
    shown = darkwood("regressions", "--since", "2026-11-20")
    assert shown.exit_code == 0
    assert "the first score is of 2026-11-21 12:00:00" in shown.output


def test_a_reference_that_names_nothing_is_told_from_a_regression(
    tables: Path, monkeypatch: pytest.MonkeyPatch, errors: StringIO
) -> None:
    keep(tables, 0, 30)
    for arguments in (["regressions", "--since", "typo"], ["reproduce", "m/typo"]):
        monkeypatch.setattr(sys, "argv", ["darkwood", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
    assert [line[:6] for line in errors.getvalue().splitlines()] == ["error:", "error:"]


def test_a_loss_within_chance_is_no_regression(tables: Path) -> None:
    keep(tables, 0, 30)
    keep(tables, 1, 28)
    shown = darkwood("regressions", "--since", "2026-11-20")
    assert (shown.exit_code, "not worse" in shown.output) == (0, True)


def test_a_slower_system_is_a_regression_of_score(tables: Path) -> None:
    keep(tables, 0, 30)
    keep(tables, 1, 30, wall_s=1.5)
    shown = darkwood("regressions", "--since", "2026-11-20", "--json")
    assert shown.exit_code == 1
    assert json.loads(shown.stdout)["m/v"]["losses"] == ["Score x 0.67 (0.67 to 0.67)"]


def test_scores_that_were_asked_otherwise_are_no_baseline(tables: Path) -> None:
    keep(tables, 0, 30)
    keep(tables, 1, 15, budgets="0.5 s")
    keep(tables, 2, 30)
    shown = darkwood("regressions", "--since", "run-of-day-1", "--json")
    assert shown.exit_code == 0
    (found,) = json.loads(shown.stdout).values()
    assert (found["n_a"], found["n_b"]) == (30, 30)


def test_seeds_are_pooled_into_pass_at_k(tables: Path, errors: StringIO) -> None:
    keep(tables, 0, 30)
    assert darkwood("pass-at-k", "m", "v").exit_code == 1
    assert "no two runs of m/v differ in their seed alone" in errors.getvalue()
    for seed in (1, 2, 3):
        keep(tables, seed, 20 * seed, slice=f"all, temperature 0.6, seed {seed}", weights="w")
    shown = darkwood("pass-at-k", "m", "v")
    assert shown.exit_code == 0, shown.output
    assert re.search(r"all, temperature 0.6 +3 +60 +pass@1 +66.7%", shown.output)
    assert re.search(r"pass@3 +100.0%", shown.output)
    (row,) = json.loads(darkwood("pass-at-k", "m", "v", "--k", "2", "--json").output)
    assert (row["k"], row["seeds"]) == (2, [1, 2, 3])
    assert row["pass_at_k"] == pytest.approx((20 * 1 + 20 * 1 + 20 * 2 / 3) / 60)
    assert darkwood("pass-at-k", "m", "v", "--k", "4").exit_code == 1
    assert "there are 3 seeds of m/v; ask for 3 or fewer" in errors.getvalue()
