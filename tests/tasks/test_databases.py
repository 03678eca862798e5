"""Databases: the same values everywhere, built once, whole or not there."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.progress import Progress
from darkwood_bench.tasks import Database, DatabaseError, build_database, database_hash
from darkwood_bench.tasks.databases import cards

SEEDED = Database("cards", "cards", {"seed": 20260417, "cards": 400, "decks": 220, "matches": 1400})
SEEDED_HASH = "2c6f8d4210671e1aecc8356ea57582e8230e440f19f3a17c2a85695299322e22"
"""Raise `cards.VERSION` when this has to change: built databases are found by it."""


@pytest.fixture(scope="module")
def collection() -> dict[str, pl.DataFrame]:
    return cards.generate(cards.Parameters.model_validate(SEEDED.parameters))


def test_the_seeded_collection_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    collection: dict[str, pl.DataFrame],
) -> None:
    other = cards.generate(cards.Parameters(seed=1))
    assert other.keys() == collection.keys()
    for name, frame in other.items():
        assert frame.schema == collection[name].schema
        assert frame.equals(collection[name]) == (name == "sets")


def test_the_collection_is_as_awkward_as_its_readme_says(
    collection: dict[str, pl.DataFrame],
) -> None:
    card, sets, printings = (collection[name] for name in ("cards", "sets", "printings"))
    decks, deck_cards = collection["decks"], collection["deck_cards"]
    names = card["card_name"]
    assert names.n_unique() < len(names)
    assert names.str.ends_with(" ").any()
    assert (names == names.str.to_uppercase()).any()
    assert (names.str.len_bytes() > names.str.len_chars()).any()
    assert card["rating"].is_nan().any()
    assert card["rating"].is_null().any()
    assert (card["colours"].list.len() == 0).any()
    assert card["colours"].is_null().any()
    assert printings["card_id"].is_null().any()
    assert not printings["card_id"].drop_nulls().is_in(card["card_id"].implode()).all()
    assert not card["card_id"].is_in(printings["card_id"].implode()).all()
    assert set(sets["set_code"]) - set(printings["set_code"]) == {"OLD", "NXT"}
    assert sets["released"].drop_nulls().is_duplicated().any()
    assert deck_cards.is_duplicated().any()
    assert not decks["deck_id"].is_in(deck_cards["deck_id"].implode()).all()
    assert ((decks["wins"] == 0) & (decks["losses"] == 0)).any()
    assert decks["created"].is_null().any()
    assert (decks["created"] == "unknown").any()
    for name in ("opponent_id", "result", "minutes", "event"):
        assert collection["matches"][name].is_null().any()


def test_a_database_is_built_once_and_found_again(tmp_path: Path) -> None:
    said: list[Progress] = []
    first = build_database(SEEDED, tmp_path, tmp_path, said.append)
    assert [(step.done, step.total) for step in said] == [(0, 1), (1, 1)]
    second = build_database(SEEDED, tmp_path, tmp_path, said.append)
    assert len(said) == 2
    assert first == second
    assert tuple(first) == tuple(cards.SCHEMAS)
    assert all(path.is_file() for path in first.values())


def test_other_parameters_are_another_database(tmp_path: Path) -> None:
    small = Database("cards", "cards", {"seed": 1, "cards": 5, "decks": 2, "matches": 3})
    again = Database("cards", "cards", {"seed": 2, "cards": 5, "decks": 2, "matches": 3})
    one = build_database(small, tmp_path, tmp_path)
    two = build_database(again, tmp_path, tmp_path)
    assert one["cards"].parent != two["cards"].parent
    assert pl.read_parquet(one["cards"]).height == 5


def test_builders_at_once_end_with_one_whole_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(4, timeout=30)
    generate = cards.generate

    def slowest_first(parameters: cards.Parameters) -> dict[str, pl.DataFrame]:
        together.wait()  # all four are past the look for a finished database
        return generate(parameters)

    monkeypatch.setattr(cards, "generate", slowest_first)
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda _: build_database(SEEDED, tmp_path, tmp_path), range(4)))
    assert all(tables == built[0] for tables in built)
    assert database_hash(built[0]) == SEEDED_HASH
    assert len(list((tmp_path / "databases").iterdir())) == 1


def test_a_failed_build_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(cards, "generate", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build_database(SEEDED, tmp_path, tmp_path)
    assert list((tmp_path / "databases").iterdir()) == []
    assert build_database(SEEDED, tmp_path, tmp_path)["cards"].is_file()


def test_tpch_has_its_tables_and_dtypes(tmp_path: Path) -> None:
    tables = build_database(Database("tpch", "tpch", {"scale_factor": 0.001}), tmp_path, tmp_path)
    rows = {name: pl.scan_parquet(path).select(pl.len()) for name, path in tables.items()}
    assert rows["nation"].collect().item() == 25
    assert rows["customer"].collect().item() == 150
    assert len(rows) == 8
    schema = pl.read_parquet_schema(tables["lineitem"])
    assert schema["l_shipdate"] == pl.Date()
    assert schema["l_discount"] == pl.Decimal(15, 2)


def test_a_failing_generator_is_an_error_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tpchgen-cli"
    program.write_text("#!/bin/sh\necho disk full >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(DatabaseError, match="tpchgen-cli failed: disk full"):
        build_database(Database("tpch", "tpch", {"scale_factor": 0.001}), tmp_path, tmp_path)


def files_database(folder: Path) -> Database:
    (folder / "tables").mkdir()
    pl.DataFrame({"day": ["2024-02-29"], "n": [1]}).write_csv(folder / "tables" / "days.csv")
    pl.DataFrame({"x": [[1], []]}).write_parquet(folder / "tables" / "lists.parquet")
    return Database("mine", "files", {"path": "tables"})


def test_a_folder_of_files_is_a_database(tmp_path: Path) -> None:
    tables = build_database(files_database(tmp_path), tmp_path, tmp_path / "cache")
    assert tuple(tables) == ("days", "lists")
    assert pl.read_parquet(tables["days"]).schema == {"day": pl.Date(), "n": pl.Int64()}
    assert pl.read_parquet(tables["lists"])["x"].to_list() == [[1], []]


def test_an_edited_file_is_a_new_database(tmp_path: Path) -> None:
    database = files_database(tmp_path)
    before = build_database(database, tmp_path, tmp_path / "cache")
    pl.DataFrame({"day": ["2024-02-29"], "n": [2]}).write_csv(tmp_path / "tables" / "days.csv")
    after = build_database(database, tmp_path, tmp_path / "cache")
    assert pl.read_parquet(before["days"])["n"].item() == 1
    assert pl.read_parquet(after["days"])["n"].item() == 2


@pytest.mark.parametrize(
    ("file", "problem"),
    [("class.csv", "cannot name a Python variable"), ("days.parquet", "two files for table")],
)
def test_files_that_cannot_be_tables_are_refused(tmp_path: Path, file: str, problem: str) -> None:
    database = files_database(tmp_path)
    (tmp_path / "tables" / file).write_bytes(b"")
    with pytest.raises(DatabaseError, match=problem):
        build_database(database, tmp_path, tmp_path / "cache")


def test_a_csv_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    database = files_database(tmp_path)
    path = tmp_path / "tables" / "days.csv"
    path.write_bytes(b"a,b\n1,2,3\n")
    with pytest.raises(DatabaseError, match=r"days\.csv: .+; mend the file"):
        build_database(database, tmp_path, tmp_path / "cache")
