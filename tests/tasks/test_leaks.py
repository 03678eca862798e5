"""Leaks: a copy in any disguise is found, and what only teaches the same API is not."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.prompting import load_variants, texts
from darkwood_bench.settings import PACKAGE, PROJECT
from darkwood_bench.tasks import Task, find_leaks, load_suites, near_duplicates
from darkwood_bench.tasks.leaks import QUESTION
from darkwood_bench.tasks.similarity import (
    resemblance,
    shape,
    shingles,
    tree_distance,
    tree_grams,
)

BANK = [task for suite in load_suites(PROJECT / "datasets") for task in suite.tasks]
TESTS = [task for task in BANK if task.split == "test"]
RULES = {
    f"{variant.name}.{field}": text
    for variant in load_variants(PACKAGE / "prompting" / "variants.yaml").values()
    for field, text in texts(variant).items()
}
GOLD = """\
result = (
    deck_cards.filter(pl.col("copies") > 1)
    .join(cards, on="card_id")
    .group_by("card_name")
    .agg(frequency=pl.col("copies").sum())
    .sort("frequency", descending=True)
)"""
RENAMED = GOLD.replace("card", "part").replace("copies", "sold").replace("frequency", "n")
TEST = Task(
    task_id="mine/test",
    suite="mine",
    database="mine",
    split="test",
    question="Which cards are played most often across all the décks of 2023? Name and frequency.",
    tables=("cards", "deck_cards"),
    output_columns=("card_name", "frequency"),
    order_by=("frequency",),
    category="pipelines",
    difficulty=4,
    gold_code=GOLD,
    oracle_sql="SELECT 1",
    source="here:1",
)
EXAMPLE = replace(
    TEST,
    task_id="mine/example",
    split="examples",
    question="Mean weight of a dog by breed, please",
    gold_code='result = dogs.group_by("breed").agg(pl.col("kg").mean())',
)


def test_the_bank_leaks_nothing() -> None:
    assert len(RULES) >= 3
    assert [f"{leak.test} {leak.other}: {leak.why}" for leak in find_leaks(BANK, RULES)] == []


def test_no_test_of_the_bank_is_another_ones_copy() -> None:
    assert [f"{pair.test} {pair.other}: {pair.why}" for pair in near_duplicates(BANK)] == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"question": TEST.question}, "question (resemblance 1.00)"),
        (
            {"question": "WHICH CARDS ARE PLAYED MOST OFTEN ACROSS ALL THE DECKS OF 1999?"},
            "question",
        ),
        ({"question": f"Hello! {TEST.question.replace('cards', 'spells')} Thanks."}, "question"),
        ({"gold_code": GOLD}, "gold (distance 0.00)"),
        (
            {
                "gold_code": GOLD.replace("deck_cards", "orders")
                .replace("cards", "parts")
                .replace("copies", "quantity")
                .replace("frequency", "sold")
            },
            "gold (distance 0.00)",
        ),
        (
            {
                "question": "Which parts are sold most often in all orders? Name and frequency.",
                "gold_code": GOLD.replace(".sum()", ".mean()").replace("> 1", "< 3"),
            },
            "question and gold",
        ),
    ],
)
def test_a_copy_among_the_examples_is_found(change: dict[str, str], why: str) -> None:
    (leak,) = find_leaks([TEST, replace(EXAMPLE, **change)], {})
    assert (leak.test, leak.other) == ("mine/test", "mine/example")
    assert leak.why.startswith(why)


def test_an_example_of_another_kind_is_no_leak() -> None:
    assert find_leaks([TEST, EXAMPLE], {}) == ()
    assert find_leaks([TEST, replace(TEST, task_id="mine/other")], {}) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"Rules.\n- If asked {TEST.question.lower()} then join.", "question (100%"),
        ("Say which cards are played most often across all the decks: join first.", "question"),
        (f"Rules.\nFor example: {GOLD}\nNothing else.", "gold (100%"),
        (f"Rules.\n```python\n{RENAMED}\n```\n", "gold (distance 0.00)"),
    ],
)
def test_a_rule_that_gives_a_task_away_is_found(text: str, why: str) -> None:
    (leak,) = find_leaks([TEST], {"v.system": text})
    assert (leak.test, leak.other) == ("mine/test", "v.system")
    assert leak.why.startswith(why)


def test_two_tests_from_one_template_are_reported() -> None:
    one = replace(TEST, question="Revenue by country, highest first: country, revenue.")
    swapped = replace(
        one, task_id="mine/b", question="Profit by region, highest first: region, profit."
    )
    assert len(near_duplicates([one, replace(one, task_id="mine/b")])) == 1
    assert len(near_duplicates([one, swapped])) == 1
    # One shape of program for two different questions is no copy.
    other = replace(one, task_id="mine/b", question="When did Ann last fail an exam?")
    assert near_duplicates([one, other]) == ()


@given(st.sampled_from(TESTS), st.integers(0, 9), st.booleans())
def test_numbers_case_and_punctuation_never_hide_a_copy(task: Task, digit: int, up: bool) -> None:
    disguised = "".join(str(digit) if char.isdigit() else char for char in task.question)
    disguised = (disguised.upper() if up else disguised.lower()).replace(",", " ;")
    assert resemblance(shingles(task.question), shingles(disguised)) == 1


def test_the_threshold_finds_questions_of_which_a_quarter_was_replaced() -> None:
    """What the module says of its threshold, on the bank as it is now."""
    chance = random.Random(0)
    vocabulary = [word for task in TESTS for word in task.question.split()]
    alike = []
    for task in TESTS:
        words = task.question.split()
        for place in chance.sample(range(len(words)), max(1, len(words) // 4)):
            words[place] = chance.choice(vocabulary)
        alike.append(resemblance(shingles(task.question), shingles(" ".join(words))))
    assert sum(each >= QUESTION for each in alike) / len(alike) > 0.95


@given(st.sampled_from(TESTS), st.sampled_from(TESTS))
def test_the_distance_of_gold_is_symmetric_and_zero_for_itself(one: Task, other: Task) -> None:
    a, b = (tree_grams(shape(task.gold_code)) for task in (one, other))
    assert tree_distance(a, a) == 0
    assert tree_distance(a, b) == tree_distance(b, a)
    assert 0 <= tree_distance(a, b) <= 1


def test_the_command_ends_with_1_where_a_prompt_gives_a_task_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = CliRunner().invoke(app, ["tasks", "leaks"])
    assert result.exit_code == 0, result.output
    assert "0 leaks" in result.output
    zoo = load_suites(Path(__file__).parents[1] / "bank")[0].tasks[0]
    entry = {"about": "a", "schema": "typed", "system": f"Answer: {zoo.question}"}
    variants = tmp_path / "variants.yaml"
    variants.write_text(json.dumps({"bad": entry}))
    monkeypatch.setenv("DARKWOOD_VARIANTS", str(variants))
    result = CliRunner().invoke(app, ["tasks", "leaks", "--json"])
    assert result.exit_code == 1
    (leak,) = json.loads(result.output)["leaks"]
    assert (leak["test"], leak["other"]) == (zoo.task_id, "variant bad: system")
