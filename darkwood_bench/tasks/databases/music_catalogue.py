"""The music store's catalogue: rows of artists, albums and tracks."""

import math
from datetime import date
from decimal import Decimal
from typing import Any

from darkwood_bench.tasks.databases import music_words as words
from darkwood_bench.tasks.databases.draws import Draws

Rows = list[tuple[Any, ...]]


def _person(draws: Draws) -> str:
    return f"{draws.pick(words.FIRST_NAMES)} {draws.pick(words.LAST_NAMES)}"


def artists(draws: Draws, n: int) -> Rows:
    rows: Rows = []
    for artist_id in range(1, n + 1):
        solo = draws.chance(0.4)
        members = [] if solo else draws.some(words.FIRST_NAMES, draws.between(2, 5))
        # Some names are used by two artists.
        name = draws.pick(rows)[1] if rows and draws.chance(0.04) else _artist_name(draws, solo)
        rows.append(
            (
                artist_id,
                name,
                None if draws.chance(0.08) else draws.pick(words.COUNTRIES),
                None if draws.chance(0.1) else draws.between(1962, 2022),
                None if draws.chance(0.06) else members,
            )
        )
    return rows


def _artist_name(draws: Draws, solo: bool) -> str:
    if solo:
        name = _person(draws)
    elif draws.chance(0.15):
        name = draws.pick(words.FRENCH_BANDS)
    else:
        name = f"The {draws.pick(words.BAND_ADJECTIVES)} {draws.pick(words.BAND_NOUNS)}"
    if not draws.chance(0.12):
        return name
    return draws.pick((name.upper(), name.lower(), f"{name} ", f" {name}"))


def _title(draws: Draws) -> str:
    return f"{draws.pick(words.TITLE_VERBS)} {draws.pick(words.TITLE_THINGS)}"


def albums(draws: Draws, n: int, artists: int) -> Rows:
    rows: Rows = []
    for album_id in range(1, n + 1):
        compilation = not artists or draws.chance(0.06)
        day = draws.day(date(1998, 1, 1), date(2024, 12, 31))
        price = Decimal(draws.pick((0, 499, 799, 799, 999, 999, 1299, 1899))).scaleb(-2)
        rows.append(
            (
                album_id,
                None if compilation else draws.skewed(artists) + 1,
                # Self-titled ones apart, titles repeat now and then.
                _title(draws) if draws.chance(0.9) else "Live",
                None if draws.chance(0.05) else day,
                None if draws.chance(0.12) else draws.pick(words.LABELS),
                draws.between(3, 12),
                None if draws.chance(0.06) else price,
            )
        )
    return rows


def tracks(draws: Draws, albums: Rows) -> Rows:
    rows: Rows = []
    genre_ids = [genre_id for genre_id, genre, _ in words.GENRES if genre != "polka"]
    for album_id, *_, count, _price in albums:
        # Albums are often incomplete, and a few have no track here at all.
        for _ in range(0 if draws.chance(0.05) else draws.between(max(1, count - 4), count)):
            track_id = len(rows) + 1
            rows.append(
                (
                    track_id,
                    None if draws.chance(0.04) else album_id,
                    None if draws.chance(0.05) else genre_ids[draws.skewed(len(genre_ids))],
                    _track_title(draws),
                    None if draws.chance(0.03) else draws.between(12, 70) * draws.between(3, 8),
                    None if draws.chance(0.05) else draws.pick(words.CLASSES),
                    _isrc(draws, track_id),
                    _contributors(draws),
                    _features(draws),
                )
            )
    return rows


def _track_title(draws: Draws) -> str:
    title = _title(draws)
    if draws.chance(0.14):
        title += f" (feat. {_person(draws)})"
    if draws.chance(0.12):
        title += draws.pick((" - Live", " - Remastered 2011", " - Remastered 2019", " - demo"))
    return title if draws.chance(0.94) else draws.pick((title.upper(), f"{title} "))


def _isrc(draws: Draws, number: int) -> str | None:
    """Country, registrant, year of two digits, number; with hyphens or without."""
    if draws.chance(0.05):
        return None
    year = draws.pick(("98", "05", "11", "17", "19", "22", "24"))
    registrant = draws.pick(("BDR", "GLR", "KST", "NF9", "SHR"))
    code = f"{draws.pick(words.COUNTRIES)}-{registrant}-{year}-{number:05d}"
    return code.replace("-", "") if draws.chance(0.3) else code


def _contributors(draws: Draws) -> list[dict[str, str]] | None:
    if draws.chance(0.05):
        return None
    roles = draws.some(words.ROLES, draws.between(0, 3))
    credits = [{"name": _person(draws), "role": role} for role in roles]
    # Now and then somebody is credited twice.
    return credits + credits[-1:] if draws.chance(0.05) else credits


def _features(draws: Draws) -> dict[str, Any] | None:
    """What the analyser heard. None: not analysed; a tempo of NaN: no beat found."""
    if draws.chance(0.06):
        return None
    tempo = math.nan if draws.chance(0.04) else draws.between(120, 400) / 2
    return {
        "tempo": None if draws.chance(0.04) else tempo,
        "energy": None if draws.chance(0.04) else draws.between(0, 100) / 100,
        "scale": None if draws.chance(0.08) else draws.pick(words.SCALES),
    }
