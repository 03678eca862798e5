"""The music store: the same values everywhere, whole at any size, awkward as its README says."""

from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import Database, build_database, database_hash
from darkwood_bench.tasks.databases import music, music_words

SEEDED = Database("music", "music", {"seed": 20260611})
SEEDED_HASH = "0e8a4ebfcad875d40dfef284beaadeed83b39c7a7d9fd5f84f6be7483c636709"
"""Raise `music.VERSION` when this has to change: built databases are found by it."""
FIXED = ("genres",)
"""Tables that are the same for every seed."""


@pytest.fixture(scope="module")
def store() -> dict[str, pl.DataFrame]:
    return music.generate(music.Parameters.model_validate(SEEDED.parameters))


def test_the_seeded_store_never_changes(tmp_path: Path) -> None:
    assert database_hash(build_database(SEEDED, tmp_path, tmp_path)) == SEEDED_HASH


def test_another_seed_gives_other_values_of_the_same_schema(
    store: dict[str, pl.DataFrame],
) -> None:
    other = music.generate(music.Parameters(seed=1))
    assert other.keys() == store.keys()
    for name, frame in other.items():
        assert frame.schema == store[name].schema
        assert frame.equals(store[name]) == (name in FIXED)


@pytest.mark.parametrize("empty", ["artists", "albums", "listeners", "playlists", "plays"])
def test_any_part_may_be_empty(empty: str) -> None:
    store = music.generate(music.Parameters.model_validate({"seed": 3, empty: 0}))
    assert store[empty].is_empty()
    assert {name: frame.schema for name, frame in store.items()} == music.SCHEMAS


def test_keys_are_keys_and_references_lead_somewhere(store: dict[str, pl.DataFrame]) -> None:
    def held(child: str, column: str, parent: str, key: str) -> bool:
        known = store[parent][key].implode()
        return store[child][column].drop_nulls().is_in(known).all()

    for table, key in (
        *(("artists", "artist_id"), ("genres", "genre_id"), ("albums", "album_id")),
        *(("tracks", "track_id"), ("listeners", "listener_id"), ("playlists", "id")),
        *(("plays", "play_id"), ("purchases", "purchase_id")),
    ):
        assert store[table][key].null_count() == 0
        assert store[table][key].is_unique().all()
    assert held("genres", "parent_id", "genres", "genre_id")
    assert held("albums", "artist_id", "artists", "artist_id")
    assert held("tracks", "album_id", "albums", "album_id")
    assert held("listeners", "invited_by", "listeners", "listener_id")
    assert held("playlists", "owner", "listeners", "listener_id")
    assert held("plays", "track_id", "tracks", "track_id")
    assert held("purchases", "album_id", "albums", "album_id")
    # Tracks that have left the catalogue stay in playlists.
    assert not held("playlist_tracks", "track_id", "tracks", "track_id")


def test_the_store_is_as_awkward_as_its_readme_says(store: dict[str, pl.DataFrame]) -> None:
    artists, albums, tracks = (store[name] for name in ("artists", "albums", "tracks"))
    listeners, plays, purchases = (store[name] for name in ("listeners", "plays", "purchases"))
    names = artists["name"]
    assert names.n_unique() < len(names)
    assert (names.str.strip_chars() != names).any()
    assert (names == names.str.to_uppercase()).any()
    assert (artists["members"].list.len() == 0).any()
    assert (albums["title"] == "Live").sum() > 1
    assert (albums["price"] == 0).any()
    assert not albums["album_id"].is_in(tracks["album_id"].implode()).all()
    assert tracks["features"].struct["tempo"].is_nan().any()
    assert (tracks["contributors"].list.len() == 0).any()
    assert (tracks["contributors"].list.n_unique() < tracks["contributors"].list.len()).any()
    assert (purchases.join(albums, on="album_id").select(pl.col("date") == pl.col("released")))[
        "date"
    ].any()
    codes = tracks["isrc"].drop_nulls()
    assert set(codes.str.len_chars()) == {12, 15}
    assert (listeners["joined"] == "n/a").any()
    assert not listeners["listener_id"].is_in(plays["listener_id"].implode()).all()
    assert set(listeners["plan"].unique()) == set(music_words.PLANS)
    assert store["playlist_tracks"].is_duplicated().any()
    assert (plays["seconds"] == 0).any()
    assert (purchases["amount"] < 0).any()
    for table, columns in {
        "artists": ("country", "formed", "members"),
        "albums": ("artist_id", "released", "label", "price"),
        "tracks": ("album_id", "genre_id", "len", "class", "isrc", "contributors", "features"),
        "listeners": ("email", "joined", "country", "invited_by"),
        "playlists": ("owner", "public", "tags"),
        "plays": ("listener_id", "seconds", "device"),
        "purchases": ("listener_id", "amount"),
    }.items():
        for column in columns:
            assert store[table][column].null_count() > 0, (table, column)
