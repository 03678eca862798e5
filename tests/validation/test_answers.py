"""Answers of real models keep the class and the flags that a person has agreed with.

The files are made by collect_answers.py, each of answers of one model.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from darkwood_bench.tables import FAILURE_CLASSES, QUALITY_FLAGS
from darkwood_bench.validation import Mismatch, Outcome, classify, quality_flags

FOLDER = Path(__file__).parent / "answers"
SILENT = {name for name in FAILURE_CLASSES if name.startswith("wrong_")}
ANSWERS: list[dict[str, Any]] = [
    answer
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "census.yaml"
    for answer in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
]

CENSUS: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "census.yaml").read_text("utf-8"))
"""By model: how many different answers were looked at, and how many were of each class and flag."""


@pytest.mark.parametrize("model", ["smollm2-135m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"])
def test_answers_are_classed_as_agreed(model: str) -> None:
    for answer in (answer for answer in ANSWERS if answer["model"] == model):
        outcome = Outcome(answer["status"], answer["error_class"], answer["error_message"])
        expected = answer["failure_class"]
        mismatch = Mismatch(expected, "as it was found") if expected in SILENT else None
        failure = classify(answer["code"], outcome, mismatch, answer["tables"])
        found = (failure.failure_class, failure.detail) if failure else (None, None)
        assert found == (expected, answer["failure_detail"]), answer["code"]
        flags = quality_flags(answer["code"]) if answer["code"] is not None else ()
        assert list(flags) == answer["quality_flags"], answer["code"]


ITEMS = (*FAILURE_CLASSES, *QUALITY_FLAGS)


@pytest.mark.parametrize("item", ITEMS)
def test_ten_answers_are_kept_of_each_class_and_flag_where_they_occur(item: str) -> None:
    """The census says how often each occurred among all answers that were looked at."""
    kept = sum(item in (answer["failure_class"], *answer["quality_flags"]) for answer in ANSWERS)
    occurred = sum({**of["classes"], **of["flags"]}.get(item, 0) for of in CENSUS.values())
    assert kept >= min(10, occurred)


def test_the_census_adds_up_and_is_of_hundreds_of_answers() -> None:
    assert sum(of["answers"] for of in CENSUS.values()) >= 600
    for model, of in CENSUS.items():
        assert sum(of["classes"].values()) == of["answers"], model
    assert set(CENSUS) == {answer["model"] for answer in ANSWERS}


@pytest.mark.parametrize(
    ("error_class", "message", "failure_class", "detail"),
    [
        (
            "SQLInterfaceError",
            "no column named 'released' found in table 'a1'",
            "unknown_column",
            "released (close: release_date)",
        ),
        ("SQLInterfaceError", "relation 'set' was not found", "unknown_table", "set (close: sets)"),
        (
            "AttributeError",
            "module 'polars' has no attribute 'filter'",
            "unknown_method",
            "filter (Polars: DataFrame.filter)",
        ),
        (
            "AttributeError",
            "'DataFrame' object has no attribute 'filter_'",
            "unknown_method",
            "filter_ (close: filter, iter_rows)",
        ),
        (
            "AttributeError",
            "'Expr' object has no attribute 'when'",
            "unknown_method",
            "when (Polars: pl.when)",
        ),
        ("TypeError", "Date() takes no arguments", "bad_argument", "Date() takes no arguments"),
    ],
)
def test_what_the_answers_taught(
    error_class: str, message: str, failure_class: str, detail: str
) -> None:
    tables = {"sets": ["release_date", "filter", "join"]}
    failure = classify("x", Outcome("runtime_error", error_class, message), None, tables)
    assert failure is not None
    assert (failure.failure_class, failure.detail) == (failure_class, detail)
