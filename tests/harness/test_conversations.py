"""Answers that are repaired, tried over empty tables and asked for again."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from asking import AskedPrompt, asked

from darkwood_bench.harness import BackendError, Budgets, Checked, Finishing, Generator, Problem
from darkwood_bench.harness.feedback import correction
from darkwood_bench.harness.worthwhile import Attempts
from darkwood_bench.journal import Journal
from darkwood_bench.tables import GENERATIONS, pandera_schema

Make = Callable[..., Generator]
SCHEMAS = {"cards": {"card_name": pl.String(), "cost": pl.Int64()}}


def check(code: str, left_s: float) -> Checked:
    """This test's own programs, over an empty table."""
    names: dict[str, Any] = {"pl": pl, "cards": pl.DataFrame(schema=SCHEMAS["cards"])}
    try:
        exec(code, names)
    except Exception as error:
        return Checked(Problem("runtime_error", type(error).__name__, str(error), code), 5_000)
    return Checked(None, 7_000)


def with_attempts(question: str, attempts: int) -> AskedPrompt:
    finishing = Finishing(SCHEMAS, check=check, attempts=attempts)
    return replace(asked(question, f"cards/{question[4:9]}"), finishing=finishing)


def test_static_repair_is_in_the_code_and_named_in_the_row(scripted: Make) -> None:
    prompt = replace(asked("which cost"), finishing=Finishing(SCHEMAS, static_repair=True))
    with scripted() as generator:
        [row] = generator.run([prompt], prompt_variant="v").rows
        [plain] = generator.run([asked("which cost")], prompt_variant="w").rows
    assert row["code"] == 'result = cards.group_by("cost").agg(pl.len())'
    assert row["rewrites"] == ["groupby -> group_by", 'cost -> "cost"']
    assert plain["code"] == row["raw_text"]
    assert plain["rewrites"] == []
    assert plain["generation_id"] != row["generation_id"]


def test_a_program_that_fails_is_asked_for_again_and_every_attempt_is_a_row(
    scripted: Make, journal: Journal
) -> None:
    with scripted(context=400) as generator:
        batch = generator.run([with_attempts("the first two", 2)], prompt_variant="v")
    frame = GENERATIONS.frame(batch.rows)
    pandera_schema(GENERATIONS).validate(frame)
    assert frame["attempt"].to_list() == [1, 2]
    assert frame["code"].to_list() == ["result = cards.hed(2)", "result = cards.head(2)"]
    problem, mended = frame["problem"]
    assert problem.startswith("AttributeError: 'DataFrame' object has no attribute 'hed'")
    assert mended is None
    assert frame["feedback"][0] is None
    assert "Polars has: " in frame["feedback"][1]
    assert batch.usage.n_generations == 2
    assert batch.usage.dry_run_bytes == 7_000
    assert batch.usage.total_s == pytest.approx(frame["t_s"].sum())
    assert batch.usage.total_s == sum(record["wall_s"] for record in journal.read().values())


def test_the_time_of_a_dry_run_is_told_apart_and_part_of_the_answers(
    scripted: Make, journal: Journal
) -> None:
    def slow(code: str, left_s: float) -> Checked:
        time.sleep(0.05)
        return Checked(None)

    prompt = replace(asked("count the cards"), finishing=Finishing(SCHEMAS, check=slow))
    with scripted() as generator:
        [row] = generator.run([prompt], prompt_variant="v").rows
        [again] = generator.run([prompt], prompt_variant="v").rows
    assert 0.05 <= row["finish_s"] <= row["wall_s"] - row["ttft_s"]
    assert again["finish_s"] == row["finish_s"]
    [record] = journal.read().values()
    assert record["finish_s"] == row["finish_s"]


def test_dry_runs_are_within_the_time_that_an_answer_may_take(scripted: Make) -> None:
    """The second attempt has what the first left over, its dry run included."""
    allowed: list[float] = []

    def slow(code: str, left_s: float) -> Checked:
        allowed.append(left_s)
        time.sleep(0.3)
        return Checked(Problem("runtime_error", "AttributeError", f"{len(allowed)}", code))

    def prompt(attempts: int) -> AskedPrompt:
        finishing = Finishing(SCHEMAS, check=slow, attempts=attempts)
        return replace(asked("the first two"), finishing=finishing)

    with scripted(Budgets(max_seconds=0.5), context=400) as generator:
        rows = generator.run([prompt(2)], prompt_variant="v").rows
        rows += generator.run([asked("count")], prompt_variant="v").rows
        kept = generator.run([prompt(2)], prompt_variant="v").usage
    assert [row["attempt"] for row in rows] == [1, 2, 1]
    assert rows[1]["error"] == "no final code within 0.5 s"
    assert (rows[1]["code"], rows[2]["error"]) == (None, None)
    assert allowed[0] <= 0.5
    assert allowed[1] <= 0.5 - rows[0]["wall_s"]
    assert kept.n_reused == 1
    assert kept.n_over_budget == 1
    with scripted(Budgets(max_seconds=0.4), context=400) as generator:
        assert generator.run([prompt(2)], prompt_variant="v").usage.n_reused == 0


def test_attempts_are_reused_with_their_answer_and_end_with_it_when_one_is_missing(
    scripted: Make, journal: Journal
) -> None:
    prompt = with_attempts("the first two", 1)
    with scripted(context=400) as generator:
        first = generator.run([prompt], prompt_variant="v")
    with scripted(context=400) as generator:
        again = generator.run([prompt], prompt_variant="v")
        assert generator._process is None
    assert again.rows == first.rows
    lines = journal.path.read_text().splitlines(keepends=True)
    journal.path.write_text("".join(lines[:-1]))  # killed before the second attempt
    with scripted(context=400) as generator:
        resumed = generator.run([prompt], prompt_variant="v")
    assert [row["code"] for row in resumed.rows] == [row["code"] for row in first.rows]


def test_a_model_that_repeats_itself_is_not_asked_a_third_time(scripted: Make) -> None:
    with scripted(context=400) as generator:
        rows = generator.run([with_attempts("the last two", 5)], prompt_variant="v").rows
    assert [row["attempt"] for row in rows] == [1, 2]
    assert rows[-1]["problem"] is not None


def test_without_attempts_a_failure_is_not_followed(scripted: Make) -> None:
    with scripted(context=400) as generator:
        rows = generator.run([with_attempts("the first two", 0)], prompt_variant="v").rows
    assert [row["attempt"] for row in rows] == [1]


def test_batched_mode_refuses_to_ask_again(scripted: Make) -> None:
    with scripted(mode="batched") as generator, pytest.raises(BackendError, match="sequential"):
        generator.run([with_attempts("the first two", 1)], prompt_variant="v")


def test_another_attempt_is_worthwhile_while_attempts_mend_more_than_answers_cost() -> None:
    assert Attempts().is_another_worthwhile()
    # Half of the answers pass, in 1 s each; 8 attempts of 1 s mended none: 1/10 < 10/20.
    hopeless = Attempts(20, 10, 20.0, 8, 0, 8.0)
    assert not hopeless.is_another_worthwhile()
    # All 8 were mended: 9/10 > 18/28.
    assert Attempts(20, 18, 28.0, 8, 8, 8.0).is_another_worthwhile()
    # The same, but an attempt takes ten times as long: 0.9/10 < 18/100.
    assert not Attempts(20, 18, 100.0, 8, 8, 80.0).is_another_worthwhile()


def test_notes_count_attempts_as_they_come() -> None:
    attempts = Attempts()
    attempts.note(1, 2.0, passed=False)
    attempts.note(2, 1.0, passed=True)
    attempts.note(1, 2.0, passed=True)
    assert attempts == Attempts(2, 2, 5.0, 1, 1, 1.0)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("no_code"), "no Python code"),
        (Problem("no_result"), "`result`"),
        (Problem("runtime_error", "NameError", "name 'card' is not defined"), "Tables: cards"),
        (Problem("runtime_error", "ColumnNotFoundError", "x"), "cards: card_name, cost"),
        (
            Problem("runtime_error", "AttributeError", "'Expr' object has no attribute 'isin'"),
            "is_in",
        ),
        (
            Problem("runtime_error", "AttributeError", "module 'polars' has no attribute 'datee'"),
            "date",
        ),
        (Problem("runtime_error", "TypeError", "wrong", "    x = y"), "in `x = y`"),
    ],
)
def test_the_model_is_told_the_error_and_the_names_that_there_are(
    problem: Problem, said: str
) -> None:
    assert said in correction(problem, {name: [*columns] for name, columns in SCHEMAS.items()})


def test_a_long_error_is_cut() -> None:
    told = correction(Problem("runtime_error", "SchemaError", "x" * 5000 + "\nplan"), {})
    assert len(told) < 600
    assert "plan" not in told
