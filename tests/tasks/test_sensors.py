"""The sensor network: the same values everywhere, whole at any size, awkward as its README says."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, build_database, database_hash
from darkwood_bench.tasks.databases import sensors, sensors_words

SEEDED = Database("sensors", "sensors", {"seed": 20261027})
SEEDED_HASH = "5a91a2d41cc34c250967c8c7561787688eb15f92f4cf2a00d4c4ede85f8d926a"
"""Raise `sensors.VERSION` when this has to change: built databases are found by it."""
FIXED = ("limits",)
"""Tables that are the same for every seed."""


@pytest.fixture(scope="module")
def network() -> dict[str, pl.DataFrame]:
    return sensors.generate(sensors.Parameters.model_validate(SEEDED.parameters))


def test_the_seeded_network_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    network: dict[str, pl.DataFrame],
) -> None:
    other = sensors.generate(sensors.Parameters(seed=1))
    assert other.keys() == network.keys()
    for name, frame in other.items():
        assert frame.schema == network[name].schema
        assert frame.equals(network[name]) == (name in FIXED)


@pytest.mark.parametrize("empty", ["sites", "devices", "alerts", "maintenance"])
def test_any_part_may_be_empty(empty: str) -> None:
    network = sensors.generate(sensors.Parameters.model_validate({"seed": 3, empty: 0}))
    assert network[empty].is_empty()
    assert {name: frame.schema for name, frame in network.items()} == sensors.SCHEMAS


def test_keys_are_keys_and_references_lead_somewhere(network: dict[str, pl.DataFrame]) -> None:
    for table, key in (
        *(("sites", ["site_id"]), ("devices", ["device_id"]), ("limits", ["quantity"])),
        *(("readings", ["seq"]), ("calibrations", ["device", "from"]), ("alerts", ["alert_id"])),
        ("energy", ["site_id", "year"]),
    ):
        keys = network[table].select(key)
        assert keys.drop_nulls().height == keys.n_unique() == network[table].height
    sites, devices = (
        network["sites"]["site_id"].implode(),
        network["devices"]["device_id"].implode(),
    )
    for table in ("devices", "maintenance", "energy"):
        assert network[table]["site_id"].drop_nulls().is_in(sites).all()
    assert network["devices"]["gateway"].drop_nulls().is_in(devices).all()
    assert network["calibrations"]["device"].is_in(devices).all()
    assert network["alerts"]["device_id"].drop_nulls().is_in(devices).all()
    # Some readings are sent under an id that nobody knows.
    assert not network["readings"]["device_id"].is_in(devices).all()


def test_clocks_change_within_each_campaign(network: dict[str, pl.DataFrame]) -> None:
    clock = pl.col("read_at").dt.convert_time_zone("Europe/Paris").dt
    offsets = (
        network["readings"]
        .group_by(month=clock.month())
        .agg(summer=(clock.dst_offset().dt.total_hours() > 0).n_unique())
        .filter(pl.col("month").is_in([3, 10]))
    )
    assert offsets["summer"].to_list() == [2, 2]
    raised = network["alerts"]["raised_at"]
    hour = raised.dt.replace_time_zone(None).dt.truncate("1h")
    repeated = raised.filter(hour == datetime(2024, 10, 27, 2))
    assert repeated.dt.dst_offset().n_unique() == 2


def test_the_network_is_as_awkward_as_its_readme_says(network: dict[str, pl.DataFrame]) -> None:
    readings, devices, alerts = (network[name] for name in ("readings", "devices", "alerts"))
    value = readings["value"]
    assert value.is_null().any()
    assert value.is_nan().any()
    assert (value == sensors_words.ERROR_CODE).any()
    assert not readings["read_at"].is_sorted()
    moments = readings.group_by("device_id", "read_at").agg(
        sent=pl.len(), values=pl.col("value").n_unique()
    )
    assert ((moments["sent"] > 1) & (moments["values"] == 1)).any()
    assert (moments["values"] > 1).any()
    hours = readings.group_by("device_id").agg(
        pl.col("read_at").dt.truncate("1h").n_unique().alias("hours")
    )
    assert (hours["hours"] < 2 * sensors_words.CAMPAIGN_HOURS).all()
    within = readings.join(devices, on="device_id").join(
        network["limits"], on=pl.col("quantity").cast(pl.String)
    )
    assert (within["value"] > within["high"]).any()
    assert (within["value"] == within["low"]).any()
    raised = alerts.join(devices, on="device_id").select(
        "site_id", moment=pl.col("raised_at").dt.convert_time_zone("UTC")
    )
    for edge in ("starts", "ends"):
        met = network["maintenance"].join(
            raised, left_on=["site_id", edge], right_on=["site_id", "moment"]
        )
        assert met.height > 0, edge
    assert not devices["device_id"].is_in(readings["device_id"].implode()).all()
    assert (devices["labels"].list.len() == 0).any()
    firmware = devices["firmware"]
    assert firmware.str.extract(r"\.(\d+)\.").str.len_chars().n_unique() == 2
    calibrated = network["calibrations"].join(
        readings, left_on=["device", "from"], right_on=["device_id", "read_at"]
    )
    assert calibrated.height > 0
    assert network["maintenance"].is_duplicated().any()
    assert (network["maintenance"]["cost"] == 0).any()
    assert network["maintenance"]["requested"].str.contains("asap").any()
    assert network["energy"].null_count().sum_horizontal().item() > 0
    assert (alerts["cleared_at"] >= alerts["raised_at"]).all()
    for table, columns in {
        "sites": ("class", "altitude", "position"),
        "devices": ("site_id", "model", "retired", "interval", "gateway", "labels"),
        "calibrations": ("factor", "by"),
        "alerts": ("device_id", "cleared_at", "acknowledged_by"),
        "maintenance": ("ends", "cost", "requested"),
    }.items():
        for column in columns:
            assert network[table][column].null_count() > 0, (table, column)
