"""Answers of real models keep the class and the flags that a person has agreed with.

The files are made by collect_answers.py, each of answers of one model.
"""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from darkwood_bench.tables import FAILURE_CLASSES, QUALITY_FLAGS
from darkwood_bench.validation import Outcome, Rules, Trial, classify, judge, quality_flags

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
        if answer["failure_class"] not in SILENT:
            outcome = Outcome(answer["status"], answer["error_class"], answer["error_message"])
            failure = classify(answer["code"], outcome, None, answer["tables"])
            found = (failure.failure_class, failure.detail) if failure else (None, None)
            assert found == (answer["failure_class"], answer["failure_detail"]), answer["code"]
        flags = quality_flags(answer["code"]) if answer["code"] is not None else ()
        assert list(flags) == answer["quality_flags"], answer["code"]


@pytest.mark.parametrize("failure_class", sorted(SILENT))
def test_wrong_results_are_told_from_gold_as_agreed(failure_class: str) -> None:
    """Answers that ran: their results and gold's are compared anew."""
    for answer in _of(failure_class):
        compared = answer["compared"]
        rules = Rules(compared["order_by"], answer["tables"], compared["ignore_names"])
        trial = Trial("base", Outcome("ok"), _frame(compared["got"]), _frame(compared["gold"]))
        assert judge(answer["code"], [trial], rules).failure_class == failure_class, answer["code"]


def _of(failure_class: str) -> list[dict[str, Any]]:
    """Those kept of a class; of answers that ran and are wrong, those kept with their results, for
    the others are there for their flags alone."""
    found = [answer for answer in ANSWERS if answer["failure_class"] == failure_class]
    return [one for one in found if failure_class not in SILENT or "compared" in one]


def _frame(kept: dict[str, Any]) -> pl.DataFrame:
    dtypes = {name: _dtype(text) for name, text in kept["columns"].items()}
    as_written = {n: pl.String() if d.is_decimal() else d for n, d in dtypes.items()}
    return pl.DataFrame(kept["rows"], schema=as_written, orient="row").cast(dtypes)


def _dtype(text: str) -> pl.DataType:
    """The dtype that is written so: 'Int64', 'Decimal(precision=12, scale=2)'."""
    if decimal := re.fullmatch(r"Decimal\(precision=(\d+), scale=(\d+)\)", text):
        return pl.Decimal(*map(int, decimal.groups()))
    return pl.Datetime("us") if text.startswith("Datetime") else getattr(pl, text)()


ITEMS = (*FAILURE_CLASSES, *QUALITY_FLAGS)


@pytest.mark.parametrize("item", ITEMS)
def test_ten_answers_are_kept_of_each_class_and_flag_where_they_occur(item: str) -> None:
    """The census says how often each occurred among all answers that were looked at."""
    kept = len(_of(item)) + sum(item in answer["quality_flags"] for answer in ANSWERS)
    counts = [
        of.get("comparable", {}) if item in SILENT else {**of["classes"], **of["flags"]}
        for of in CENSUS.values()
    ]
    occurred = sum(of.get(item, 0) for of in counts)
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
