"""The shop: the same values for a seed everywhere, and as awkward as its README says."""

from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, build_database, database_hash
from darkwood_bench.tasks.databases import shop, shop_words

SEEDED = Database("shop", "shop", {"seed": 20260501})
SEEDED_HASH = "11c92abb9be5a3c3b98f547fe18c92cbe9e0884a24dc03e645d4a9ab69f3a255"
"""Raise `shop.VERSION` when this has to change: built databases are found by it."""


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return shop.generate(shop.Parameters.model_validate(SEEDED.parameters))


def unknown(keys: pl.Series, known: pl.Series) -> pl.Series:
    """The keys, without nulls, that no row has."""
    keys = keys.drop_nulls()
    return keys.filter(~keys.is_in(known.implode()))


def test_the_seeded_shop_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    tables: dict[str, pl.DataFrame],
) -> None:
    other = shop.generate(shop.Parameters(seed=1))
    for name, frame in tables.items():
        assert other[name].schema == frame.schema
        assert not other[name].equals(frame)


def test_a_shop_of_nothing_still_has_its_tables() -> None:
    parameters = shop.Parameters(seed=1, products=0, customers=0, employees=0, orders=0)
    empty = shop.generate(parameters)
    assert empty["orders"].schema == shop.SCHEMAS["orders"]
    assert [name for name, frame in empty.items() if frame.height] == ["suppliers", "targets"]


def test_keys_are_unique_and_references_hold(tables: dict[str, pl.DataFrame]) -> None:
    for name, key in {
        "suppliers": ["supplier_id"],
        "products": ["product_id"],
        "prices": ["product_id", "valid_from"],
        "customers": ["id"],
        "employees": ["id"],
        "orders": ["id"],
        "targets": ["year", "category"],
    }.items():
        assert not tables[name].select(key).is_duplicated().any()
    assert not tables["products"]["sku"].is_duplicated().any()
    for name, column, parent, key in (
        ("products", "supplier_id", "suppliers", "supplier_id"),
        ("prices", "product_id", "products", "product_id"),
        ("customers", "referred_by", "customers", "id"),
        ("employees", "manager_id", "employees", "id"),
        ("orders", "customer_id", "customers", "id"),
        ("orders", "employee_id", "employees", "id"),
        ("lines", "order_id", "orders", "id"),
    ):
        assert unknown(tables[name][column], tables[parent][key]).is_empty()


def test_the_shop_is_as_awkward_as_its_readme_says(tables: dict[str, pl.DataFrame]) -> None:
    products, customers, orders = (tables[name] for name in ("products", "customers", "orders"))
    lines, employees = tables["lines"], tables["employees"]
    assert not unknown(lines["product_id"], products["product_id"]).is_empty()
    assert not unknown(orders["id"], lines["order_id"]).is_empty()
    assert not unknown(customers["id"], orders["customer_id"].drop_nulls()).is_empty()
    assert not unknown(
        tables["suppliers"]["supplier_id"], products["supplier_id"].drop_nulls()
    ).is_empty()
    assert not unknown(products["product_id"], tables["prices"]["product_id"]).is_empty()
    assert lines.is_duplicated().any()
    assert {-1, 0} <= set(lines["count"])
    assert (products["stock"] < 0).any()
    assert (products["cost"] > products["list_price"]).any()
    assert (products["tags"].list.len() == 0).any()
    assert products["product_name"].is_duplicated().any()
    assert products["product_name"].str.ends_with(" ").any()
    assert (customers["email"].str.contains("[A-Z]") & customers["email"].is_not_null()).any()
    assert {"France", "france", "France "} <= set(customers["country"])
    assert (orders["promised"] == "asap").any()
    assert set(orders["status"]) == set(shop_words.STATUSES)
    assert (orders["shipping_fee"] == 0).any()
    assert (customers["credit limit"] == 0).any()
    staff = employees.join(employees, left_on="manager_id", right_on="id")
    assert (staff["salary"] > staff["salary_right"]).any()
    assert employees["manager_id"].null_count() > 1
    assert shop_words.UNSOLD_CATEGORY not in set(products["category"])


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("suppliers", "terms"),
        ("suppliers", "country"),
        ("suppliers", "since"),
        ("products", "supplier_id"),
        ("products", "cost"),
        ("products", "len"),
        ("products", "weight_kg"),
        ("products", "tags"),
        ("products", "class"),
        ("customers", "email"),
        ("customers", "country"),
        ("customers", "date"),
        ("customers", "credit limit"),
        ("customers", "referred_by"),
        ("customers", "newsletter"),
        ("employees", "office"),
        ("employees", "salary"),
        ("employees", "left"),
        ("orders", "customer_id"),
        ("orders", "employee_id"),
        ("orders", "promised"),
        ("orders", "shipped"),
        ("orders", "channel"),
        ("orders", "coupon"),
        ("lines", "product_id"),
        ("lines", "discount"),
        ("targets", "q4"),
    ],
)
def test_some_values_are_missing(tables: dict[str, pl.DataFrame], table: str, column: str) -> None:
    assert 0 < tables[table][column].null_count() < tables[table].height
