"""Worked examples are chosen from the shipped bank: every category has one, suites take turns."""

from collections import Counter

import pytest

from darkwood_bench.prompting import Example, Question, Variant, VariantError, choose_examples
from darkwood_bench.settings import PROJECT
from darkwood_bench.tables import CATEGORIES
from darkwood_bench.tasks import load_suites

POOL = [
    Example(Question(task.task_id, task.question, {}), task.gold_code, task.category, task.suite)
    for suite in load_suites(PROJECT / "datasets")
    for task in suite.tasks
    if task.split == "examples"
]


def variant(*categories: str) -> Variant:
    fields = {"system": "s", "schema": "typed", "examples": {"categories": categories}}
    return Variant(name="v", about="a", **fields)


def test_every_category_of_the_bank_can_be_shown_and_no_suite_is_shown_out() -> None:
    chosen = choose_examples(variant(*CATEGORIES), POOL)
    assert [example.category for example in chosen] == list(CATEGORIES)
    suites = Counter(example.suite for example in chosen)
    assert len(suites) >= min(len(CATEGORIES), len({example.suite for example in POOL})) - 1


def test_a_category_named_twice_gets_two_examples_until_there_is_none_left() -> None:
    twice = choose_examples(variant("joins", "joins"), POOL)
    assert len({example.question.task_id for example in twice}) == 2
    with pytest.raises(VariantError, match="no unused example of 'joins'"):
        choose_examples(variant(*["joins"] * (len(POOL) + 1)), POOL)


def test_the_choice_does_not_hang_on_the_order_of_the_suites() -> None:
    by_suite = sorted(POOL, key=lambda example: example.suite, reverse=True)
    names = variant("joins", "dates", "nulls")
    assert choose_examples(names, POOL) == choose_examples(names, by_suite)
