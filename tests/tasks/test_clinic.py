"""The clinic: the same values for a seed everywhere, and as awkward as its README says."""

from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, build_database, database_hash
from darkwood_bench.tasks.databases import clinic, clinic_words

SEEDED = Database("clinic", "clinic", {"seed": 20260703})
SEEDED_HASH = "aeedb316f87bf5747f6d1f4fa3e74ed094bce4647a0cadfc6c82982b394a29e0"
"""Raise `clinic.VERSION` when this has to change: built databases are found by it."""


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return clinic.generate(clinic.Parameters.model_validate(SEEDED.parameters))


def unknown(keys: pl.Series, known: pl.Series) -> pl.Series:
    """The keys, without nulls, that no row has."""
    keys = keys.drop_nulls()
    return keys.filter(~keys.is_in(known.drop_nulls().implode()))


def test_the_seeded_clinic_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    tables: dict[str, pl.DataFrame],
) -> None:
    other = clinic.generate(clinic.Parameters(seed=1))
    for name, frame in tables.items():
        assert other[name].schema == frame.schema
        assert other[name].equals(frame) == (name == "reference_ranges")


def test_a_clinic_without_visits_still_has_its_tables() -> None:
    parameters = clinic.Parameters(seed=1, doctors=3, patients=1, visits=0, responses=0)
    small = clinic.generate(parameters)
    assert {name: frame.schema for name, frame in small.items()} == clinic.SCHEMAS
    assert small["survey"].shape == (0, 80)


@pytest.mark.parametrize("seed", [20260703, 1, 2])
def test_keys_are_unique_and_references_hold(seed: int) -> None:
    tables = clinic.generate(clinic.Parameters(seed=seed))
    for name, key in {
        "doctors": ["doctor_id"],
        "patients": ["patient_id"],
        "visits": ["visit_id"],
        "lab_results": ["result_id"],
        "reference_ranges": ["analyte", "unit"],
        "survey": ["response_id"],
    }.items():
        assert not tables[name].select(key).is_duplicated().any()
    for name, column, parent, key in (
        ("doctors", "mentor_id", "doctors", "doctor_id"),
        ("visits", "patient_id", "patients", "patient_id"),
        ("visits", "doctor_id", "doctors", "doctor_id"),
        ("prescriptions", "visit_id", "visits", "visit_id"),
        ("survey", "patient_id", "patients", "patient_id"),
    ):
        assert unknown(tables[name][column], tables[parent][key]).is_empty()


def test_nobody_is_seen_before_they_arrive(tables: dict[str, pl.DataFrame]) -> None:
    visits = tables["visits"]
    assert (visits["arrived"] <= visits["seen"]).drop_nulls().all()
    assert (visits["seen"] <= visits["discharged"]).drop_nulls().all()
    assert visits.filter(pl.col("seen").is_null())["doctor_id"].is_null().all()


def test_moments_coincide(tables: dict[str, pl.DataFrame]) -> None:
    visits, survey = tables["visits"], tables["survey"]
    assert visits.drop_nulls("patient_id").select("patient_id", "arrived").is_duplicated().any()
    ends = visits.select("doctor_id", seen="discharged").drop_nulls()
    assert not visits.join(ends, on=["doctor_id", "seen"], how="semi").is_empty()
    days = visits.select("patient_id", answered=pl.col("arrived").dt.date())
    assert not survey.join(days, on=["patient_id", "answered"], how="semi").is_empty()


def test_the_clinic_is_as_awkward_as_its_readme_says(tables: dict[str, pl.DataFrame]) -> None:
    patients, visits, doctors = (tables[name] for name in ("patients", "visits", "doctors"))
    results, ranges = tables["lab_results"], tables["reference_ranges"]
    prescriptions = tables["prescriptions"]
    names = patients["full name"]
    assert names.is_duplicated().any()
    assert names.str.ends_with(" ").any()
    assert {"public", "PUBLIC", "public "} <= set(patients["insurance"])
    assert (patients["allergies"].list.len() == 0).any()
    for field in ("phone", "city"):
        assert patients.drop_nulls("contact")["contact"].struct[field].null_count()
    assert set(unknown(doctors["doctor_id"], visits["doctor_id"])) == {23, 24}
    assert not unknown(patients["patient_id"], visits["patient_id"]).is_empty()
    assert (visits["diagnoses"].list.len() == 0).any()
    assert (visits["fee"] == 0).any()
    assert (visits["fee"] < 0).any()
    assert (visits["discharged"].dt.date() > visits["arrived"].dt.date()).any()
    assert results["value"].is_nan().any()
    assert results.filter(analyte="ammonia")["value"].drop_nulls().is_nan().all()
    assert not unknown(results["visit_id"], visits["visit_id"]).is_empty()
    twice = results.drop("result_id").is_duplicated()
    assert twice.any()
    measured = results["analyte"].cast(pl.String)
    assert set(unknown(measured, ranges["analyte"])) == {"troponin", "ammonia"}
    assert set(unknown(ranges["analyte"], measured)) == {"lactate", "sodium"}
    assert results.filter(analyte="glucose")["unit"].n_unique() == 2
    assert prescriptions.is_duplicated().any()
    assert (prescriptions["count"] == 0).any()
    assert (prescriptions["issued"] == clinic_words.NO_DATE).any()
    assert prescriptions["drug"].str.to_lowercase().str.strip_chars().n_unique() == len(
        clinic_words.DRUGS
    )


def test_the_survey_is_wide_and_full_of_holes(tables: dict[str, pl.DataFrame]) -> None:
    survey = tables["survey"]
    assert survey.width == 80
    assert survey["q37"].null_count() == survey.height
    assert set(survey["q01"].drop_nulls()) == {1, 2, 3, 4, 5, 9}
    assert set(survey["q61"].drop_nulls()) == {0, 1}
    assert set(survey["q72"].drop_nulls()) <= set(range(11))
    assert survey["q72"].null_count() > survey["q01"].null_count()
    assert (survey["remark"] == "").any()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("doctors", "specialty"),
        ("doctors", "room"),
        ("doctors", "mentor_id"),
        ("patients", "born"),
        ("patients", "sex"),
        ("patients", "blood type"),
        ("patients", "allergies"),
        ("patients", "contact"),
        ("patients", "insurance"),
        ("visits", "patient_id"),
        ("visits", "doctor_id"),
        ("visits", "seen"),
        ("visits", "discharged"),
        ("visits", "diagnoses"),
        ("visits", "vitals"),
        ("visits", "fee"),
        ("lab_results", "value"),
        ("reference_ranges", "low"),
        ("reference_ranges", "high"),
        ("prescriptions", "dose"),
        ("prescriptions", "len"),
        ("prescriptions", "issued"),
        ("survey", "patient_id"),
        ("survey", "answered"),
        ("survey", "channel"),
        ("survey", "remark"),
    ],
)
def test_some_values_are_missing(tables: dict[str, pl.DataFrame], table: str, column: str) -> None:
    assert 0 < tables[table][column].null_count() < tables[table].height
