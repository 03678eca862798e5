"""The film rental: the same values for a seed everywhere, and as awkward as its README says."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, build_database, database_hash
from darkwood_bench.tasks.databases import rental, rental_words

SEEDED = Database("rental", "rental", {"seed": 20260502})
SEEDED_HASH = "544b89551e92ba093b4ce87ed1ac11a9146eaf039e37f41237c2fcce9d2c620c"
"""Raise `rental.VERSION` when this has to change: built databases are found by it."""


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return rental.generate(rental.Parameters.model_validate(SEEDED.parameters))


def unknown(keys: pl.Series, known: pl.Series) -> pl.Series:
    """The keys, without nulls, that no row has."""
    keys, known = keys.drop_nulls(), known.drop_nulls()
    return keys.filter(~keys.is_in(known.implode()))


def test_the_seeded_rental_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    tables: dict[str, pl.DataFrame],
) -> None:
    other = rental.generate(rental.Parameters(seed=1))
    for name, frame in tables.items():
        assert other[name].schema == frame.schema
        assert other[name].equals(frame) == (name in ("stores", "late_fees"))


def test_a_rental_without_rentals_still_takes_no_money() -> None:
    idle = rental.generate(rental.Parameters(seed=1, rentals=0))
    assert idle["payments"].is_empty()
    assert idle["payments"].schema == rental.SCHEMAS["payments"]


def test_keys_are_unique_and_references_hold(tables: dict[str, pl.DataFrame]) -> None:
    for name, key in {
        "films": ["film_id"],
        "actors": ["actor_id"],
        "stores": ["id"],
        "copies": ["copy_id"],
        "customers": ["customer_id"],
        "rentals": ["rental_id"],
        "payments": ["payment_id"],
        "late_fees": ["days"],
        "visitors": ["store_id", "week"],
    }.items():
        assert not tables[name].select(key).is_duplicated().any()
    for name, column, parent, key in (
        ("films", "sequel_of", "films", "film_id"),
        ("film_actors", "film_id", "films", "film_id"),
        ("film_actors", "actor_id", "actors", "actor_id"),
        ("copies", "film_id", "films", "film_id"),
        ("copies", "store_id", "stores", "id"),
        ("customers", "store_id", "stores", "id"),
        ("rentals", "copy_id", "copies", "copy_id"),
        ("rentals", "customer_id", "customers", "customer_id"),
        ("payments", "rental_id", "rentals", "rental_id"),
        ("payments", "customer_id", "customers", "customer_id"),
        ("visitors", "store_id", "stores", "id"),
    ):
        assert unknown(tables[name][column], tables[parent][key]).is_empty()


def test_the_rental_is_as_awkward_as_its_readme_says(tables: dict[str, pl.DataFrame]) -> None:
    films, copies, customers = (tables[name] for name in ("films", "copies", "customers"))
    rentals, payments = tables["rentals"], tables["payments"]
    for name, column, parent, key in (
        ("films", "film_id", "film_actors", "film_id"),
        ("films", "film_id", "copies", "film_id"),
        ("actors", "actor_id", "film_actors", "actor_id"),
        ("stores", "id", "copies", "store_id"),
        ("copies", "copy_id", "rentals", "copy_id"),
        ("customers", "customer_id", "rentals", "customer_id"),
        ("rentals", "rental_id", "payments", "rental_id"),
    ):
        assert not unknown(tables[name][column], tables[parent][key]).is_empty()
    assert films["title"].is_duplicated().any()
    assert films["title"].str.ends_with(" ").any()
    assert films["score"].is_nan().any()
    assert (films["genres"].list.len() == 0).any()
    assert tables["film_actors"].is_duplicated().any()
    assert tables["actors"].select("first", "last").is_duplicated().any()
    assert (customers["joined"] == "n/a").any()
    assert (customers["phones"].list.len() == 0).any()
    assert {"card", "Card", "CARD "} <= set(payments["method"])
    assert (payments["amount"] < 0).any()
    assert (payments["amount"] == 0).any()
    assert payments["rental_id"].drop_nulls().is_duplicated().any()
    bought = rentals.join(copies, on="copy_id")
    assert (bought["rented"].dt.date() < bought["bought"]).any()
    again = rentals.join(rentals, on="copy_id").filter(pl.col("rented") < pl.col("rented_right"))
    assert (again["returned"] > again["rented_right"]).any()
    assert (again["returned"] == again["rented_right"]).any()
    assert (bought["rented"].dt.date() == bought["bought"]).any()
    assert (rentals["rented"].diff() == timedelta(days=1)).any()
    assert (tables["visitors"]["mon"] == 0).any()
    assert tables["visitors"]["store_id"].n_unique() == len(rental_words.STORES) - 1


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("films", "released"),
        ("films", "genres"),
        ("films", "rating"),
        ("films", "minutes"),
        ("films", "score"),
        ("films", "sequel_of"),
        ("actors", "born"),
        ("film_actors", "actor_id"),
        ("film_actors", "role"),
        ("film_actors", "rank"),
        ("stores", "opened"),
        ("stores", "closed"),
        ("stores", "hours"),
        ("copies", "film_id"),
        ("copies", "condition"),
        ("copies", "retired"),
        ("customers", "email"),
        ("customers", "store_id"),
        ("customers", "joined"),
        ("customers", "phones"),
        ("customers", "filter"),
        ("customers", "active"),
        ("rentals", "copy_id"),
        ("rentals", "returned"),
        ("payments", "rental_id"),
        ("payments", "method"),
        ("visitors", "mon"),
    ],
)
def test_some_values_are_missing_here(
    tables: dict[str, pl.DataFrame], table: str, column: str
) -> None:
    assert 0 < tables[table][column].null_count() < tables[table].height
