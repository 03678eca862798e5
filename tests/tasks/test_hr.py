"""The HR history: the same values for a seed everywhere, and as awkward as its README says."""

from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, build_database, database_hash
from darkwood_bench.tasks.databases import hr, hr_words

SEEDED = Database("hr", "hr", {"seed": 20260612})
SEEDED_HASH = "569ea5825f2c7eda292778c0c6584d57b75d6bec3cee03c68ef185c6fd4c67e4"
"""Raise `hr.VERSION` when this has to change: built databases are found by it."""


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return hr.generate(hr.Parameters.model_validate(SEEDED.parameters))


def unknown(keys: pl.Series, known: pl.Series) -> pl.Series:
    """The keys, without nulls, that no row has."""
    keys = keys.drop_nulls()
    return keys.filter(~keys.is_in(known.drop_nulls().implode()))


def test_the_seeded_history_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    tables: dict[str, pl.DataFrame],
) -> None:
    other = hr.generate(hr.Parameters(seed=1))
    for name, frame in tables.items():
        assert other[name].schema == frame.schema
        assert other[name].equals(frame) == (name in ("departments", "courses"))


@pytest.mark.parametrize("people", [0, 1, 2])
def test_a_small_company_still_has_its_tables(people: int) -> None:
    small = hr.generate(hr.Parameters(seed=1, people=people))
    assert {name: frame.schema for name, frame in small.items()} == hr.SCHEMAS
    assert small["people"].height == people


@pytest.mark.parametrize("seed", [20260612, 1, 2])
def test_keys_are_unique_and_references_hold(seed: int) -> None:
    tables = hr.generate(hr.Parameters(seed=seed))
    for name, key in {
        "departments": ["dept_id"],
        "people": ["person_id"],
        "positions": ["person_id", "valid_from"],
        "salaries": ["person_id", "valid_from"],
        "absences": ["absence_id"],
        "courses": ["code"],
        "headcount_plan": ["dept_id"],
    }.items():
        assert not tables[name].select(key).is_duplicated().any()
    for name, column, parent, key in (
        ("departments", "parent_id", "departments", "dept_id"),
        ("people", "manager_id", "people", "person_id"),
        ("positions", "person_id", "people", "person_id"),
        ("positions", "dept_id", "departments", "dept_id"),
        ("salaries", "person_id", "people", "person_id"),
        ("absences", "approved_by", "people", "person_id"),
        ("trainings", "person_id", "people", "person_id"),
    ):
        assert unknown(tables[name][column], tables[parent][key]).is_empty()


@pytest.mark.parametrize("seed", [20260612, 1, 2])
def test_intervals_do_not_end_before_they_begin(seed: int) -> None:
    tables = hr.generate(hr.Parameters(seed=seed))
    for name, first, last in (
        ("positions", "valid_from", "valid_to"),
        ("absences", "first_day", "last_day"),
        ("people", "hired", "left"),
    ):
        ended = tables[name].drop_nulls(last)
        assert (ended[first] <= ended[last]).all()


def test_the_history_is_as_awkward_as_its_readme_says(tables: dict[str, pl.DataFrame]) -> None:
    people, positions, salaries = (tables[name] for name in ("people", "positions", "salaries"))
    absences, trainings, departments = (
        tables[name] for name in ("absences", "trainings", "departments")
    )
    assert departments["name"].is_duplicated().any()
    assert departments["parent_id"].null_count() == 2
    unstaffed = unknown(departments["dept_id"], positions["dept_id"])
    assert set(unstaffed) == set(hr_words.EMPTY_DEPARTMENTS)
    assert people["last name"].is_duplicated().any()
    assert people["last name"].str.ends_with(" ").any()
    assert (people["languages"].list.len() == 0).any()
    assert not unknown(people["person_id"], positions["person_id"]).is_empty()
    assert not unknown(people["person_id"], salaries["person_id"]).is_empty()
    stints = positions.sort("person_id", "valid_from").with_columns(
        gap=(pl.col("valid_from") - pl.col("valid_to").shift()).dt.total_days().over("person_id")
    )
    assert {True, False} <= set(stints["gap"] > 1)  # away for a while, and not
    assert (stints["gap"] <= 0).any()  # two positions at once
    leavers = people.drop_nulls("left").join(positions, on="person_id")
    assert leavers["valid_to"].is_null().any()
    assert (salaries["amount"] == 0).any()
    change = salaries.select(pl.col("amount").cast(pl.Float64).diff().over("person_id"))
    assert (change["amount"] < 0).any()
    assert not unknown(absences["person_id"], people["person_id"]).is_empty()
    assert {"sick", "SICK", "sick "} <= set(absences["kind"])
    assert {-1, 0} <= set(absences["count"])
    assert trainings.is_duplicated().any()
    assert set(unknown(trainings["course code"], tables["courses"]["code"])) == {"OLD-7"}
    assert set(unknown(tables["courses"]["code"], trainings["course code"])) == {"FORK"}
    assert (trainings["cost"] < 0).any()
    plan = tables["headcount_plan"]["dept_id"]
    assert set(unknown(plan, departments["dept_id"])) == {hr_words.UNKNOWN_DEPARTMENT}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("departments", "city"),
        ("departments", "closed"),
        ("people", "email"),
        ("people", "birth_date"),
        ("people", "left"),
        ("people", "manager_id"),
        ("people", "country"),
        ("people", "languages"),
        ("positions", "valid_to"),
        ("positions", "dept_id"),
        ("salaries", "reason"),
        ("absences", "person_id"),
        ("absences", "kind"),
        ("absences", "last_day"),
        ("absences", "approved_by"),
        ("courses", "valid_months"),
        ("courses", "topics"),
        ("trainings", "date"),
        ("trainings", "class"),
        ("trainings", "score"),
        ("trainings", "passed"),
        ("trainings", "cost"),
        ("headcount_plan", "2021"),
    ],
)
def test_some_values_are_missing(tables: dict[str, pl.DataFrame], table: str, column: str) -> None:
    assert 0 < tables[table][column].null_count() < tables[table].height
