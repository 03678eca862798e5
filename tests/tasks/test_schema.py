"""schema.yaml: what is wrong with one is named by file, line and field; the data must keep it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, Suite, TaskBankError
from darkwood_bench.tasks.schema import Reference, Schema
from darkwood_bench.tasks.schema_check import schema_of
from darkwood_bench.tasks.schema_inference import infer_schema

OWNERS = pl.DataFrame({"owner_id": [1, 2, 3], "town": ["Ulm", "Ulm", None]})
PETS = pl.DataFrame(
    {
        "name": ["Rex", "Tom", "Rex", "Ada"],
        "owner_id": [1, 1, None, 9],
        "kind": ["dog", "cat", "dog", "Dog"],
        "kg": [20.5, 4.0, None, 31.0],
        "born": ["2020-01-31", "unknown", "2021-06-01", None],
        "likes": [["fish"], [], None, ["fish", "walks"]],
    }
)
GOOD = """\
tables:
  owners:
    key: [owner_id]
    nullable: [town]
  pets:
    nullable: [owner_id, kg, born, likes]
    references: {owner_id: owners.owner_id}
    dangling: [owner_id]
    values:
      kind: [dog, cat, Dog]
      born: [unknown]
      likes: [fish, walks]
    ranges: {kg: [0, 80]}
    patterns: {name: "[A-Z][a-z]+"}
    text_dates: {born: "%Y-%m-%d"}
"""


def suite_with(
    folder: Path, text: str | None, frames: Mapping[str, pl.DataFrame]
) -> tuple[Suite, dict[str, Path]]:
    tables = {}
    for name, frame in frames.items():
        tables[name] = folder / f"{name}.parquet"
        frame.write_parquet(tables[name])
    if text is not None:
        (folder / "schema.yaml").write_text(text)
    return Suite("mine", "Mine", "None", folder, Database("mine", "files", {}), ()), tables


def read(folder: Path, text: str | None) -> Schema:
    return schema_of(*suite_with(folder, text, {"owners": OWNERS, "pets": PETS}))


def test_a_good_one_is_read(tmp_path: Path) -> None:
    rules = read(tmp_path, GOOD).tables["pets"]
    assert rules.references == {"owner_id": Reference(table="owners", column="owner_id")}
    assert rules.values["kind"] == ("dog", "cat", "Dog")
    assert rules.ranges["kg"] == (0, 80)
    assert rules.key == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("  owners:", "  owner:", 2, "tables.owner: no such table; use one of owners, pets"),
        ("key: [owner_id]", "key: owner_id", 3, "tables.owners.key"),
        ("key: [owner_id]", "key: [town]", 3, "'town' is of the key and nullable"),
        ("key: [owner_id]", "keys: [owner_id]", 3, "no such field; did you mean 'key'?"),
        ("key: [owner_id]", "unique: [[owner_id], [town]]", 3, "tables.owners.unique.1: repeats"),
        ("key: [owner_id]", "key: [id]", 3, "no column 'id'; use one of owner_id, town"),
        ("nullable: [town]", "nullable: []", 4, "'town' holds null; add it"),
        ("owners.owner_id", "owners", 7, "'owners'; write table.column"),
        ("owners.owner_id", "owners.id", 7, "no column owners.id"),
        ("    dangling: [owner_id]\n", "", 7, "9 is no row there; add the column to dangling"),
        ("dangling: [owner_id]", "dangling: [kg]", 8, "dangling 'kg' is no reference"),
        ("[dog, cat, Dog]", "[dog, cat]", 10, "kind: 'Dog' is in the data; allow it"),
        ("[dog, cat, Dog]", "[dog, {}]", 10, "not a text, a number or a date"),
        ("[fish, walks]", "[fish]", 12, "'walks'"),
        ("[0, 80]", "[0, 10]", 13, "20.5 is in the data; allow it"),
        ("[0, 80]", "[0, 30, 40]", 13, "kg"),
        ("[0, 80]", "[2020-01-01, 2021-01-01]", 13, "bounds are of another kind than Float64"),
        ("[A-Z][a-z]+", "[A-Z]+", 14, "'Rex' is in the data"),
        ("[A-Z][a-z]+", "[A-Z", 14, "pattern of 'name'"),
        ("      born: [unknown]\n", "", 14, "born: 'unknown' is in the data"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    with pytest.raises(TaskBankError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    message = str(caught.value)
    assert words in message
    # A law of the whole table (dangling, patterns) is said to be on the table's line.
    assert message.startswith(str(tmp_path / "schema.yaml"))
    lines = {f"schema.yaml:{n}:" for n in (line, 2 if line < 5 else 5)}
    assert any(start in message for start in lines)
    assert "\n" not in message


def test_a_table_left_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskBankError, match="'pets' is missing; add it"):
        read(tmp_path, GOOD[: GOOD.index("  pets:")])


def test_a_range_may_leave_some_of_the_data_out(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD.replace("[0, 80]", "[0, 30]")).tables["pets"].ranges["kg"] == (0, 30)


def test_bounds_of_decimals_dates_and_moments(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "price": [Decimal("0.10")],
            "day": [date(2024, 5, 1)],
            "at": pl.Series([datetime(2024, 5, 1, 23, 30)]).dt.replace_time_zone("Europe/Paris"),
        }
    )
    day = "[2024-05-01, 2024-05-01]"
    text = f"tables: {{t: {{ranges: {{price: [0.1, 5], day: {day}, at: {day}}}}}}}"
    schema_of(*suite_with(tmp_path, text, {"t": frame}))
    late = text.replace(f"at: {day}", "at: [2024-05-01, 2024-05-01 23:00:00]")
    with pytest.raises(TaskBankError, match=r"ranges\.at"):
        schema_of(*suite_with(tmp_path, late, {"t": frame}))


def test_without_a_file_the_data_says_it(tmp_path: Path) -> None:
    schema = read(tmp_path, None)
    assert schema == infer_schema({"owners": OWNERS, "pets": PETS})
    owners, pets = schema.tables["owners"], schema.tables["pets"]
    assert owners.key == ("owner_id",)
    assert owners.nullable == ("town",)
    assert pets.key == ()
    assert pets.references == {"owner_id": Reference(table="owners", column="owner_id")}
    assert pets.dangling == ("owner_id",)
    assert pets.ranges["kg"] == (4.0, 31.0)
    assert "name" not in pets.text_dates


def test_text_that_is_always_a_date_is_inferred_as_one() -> None:
    schema = infer_schema({"t": pl.DataFrame({"on": ["31.01.2024", "01.02.2024", None]})})
    assert schema.tables["t"].text_dates == {"on": "%d.%m.%Y"}
