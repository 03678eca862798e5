"""What the music store's customers leave: rows of listeners, playlists, plays and purchases."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from darkwood_bench.tasks.databases import music_words as words
from darkwood_bench.tasks.databases.draws import Draws

Rows = list[tuple[Any, ...]]


def listeners(draws: Draws, n: int) -> Rows:
    rows: Rows = []
    for listener_id in range(1, n + 1):
        first = draws.pick(words.FIRST_NAMES).lower()
        domain = draws.pick(("example.org", "example.com", "mail.example", "Example.ORG"))
        day = draws.day(date(2019, 1, 1), date(2024, 6, 30))
        invited = listener_id > 5 and draws.chance(0.4)
        rows.append(
            (
                listener_id,
                f"{first}{listener_id}",
                None if draws.chance(0.08) else f"{first}.{draws.below(1000)}@{domain}",
                draws.pick(words.PLANS) if draws.chance(0.5) else "free",
                # Dates typed as text, and sometimes not as a date.
                None if draws.chance(0.03) else f"{day:%d.%m.%Y}" if draws.chance(0.95) else "n/a",
                None if draws.chance(0.07) else draws.pick(words.COUNTRIES),
                draws.skewed(listener_id - 1) + 1 if invited else None,
            )
        )
    return rows


def playlists(draws: Draws, n: int, listeners: int) -> Rows:
    rows = []
    for playlist_id in range(1, n + 1):
        orphan = not listeners or draws.chance(0.1)
        rows.append(
            (
                playlist_id,
                f"{draws.pick(words.PLAYLIST_WORDS)} {draws.pick(words.PLAYLIST_ENDS)}",
                None if orphan else draws.skewed(listeners) + 1,
                None if draws.chance(0.05) else draws.chance(0.6),
                None if draws.chance(0.06) else draws.some(words.TAGS, draws.below(4)),
            )
        )
    return rows


def playlist_tracks(draws: Draws, playlists: int, tracks: int) -> Rows:
    rows: Rows = []
    for playlist_id in range(1, playlists + 1):
        if not tracks or draws.chance(0.07):  # an empty playlist
            continue
        for position in range(1, draws.between(4, 26)):
            # A few tracks have left the catalogue since.
            track_id = 50_000 + position if draws.chance(0.02) else draws.skewed(tracks) + 1
            row = (playlist_id, track_id, position)
            rows.extend([row] * (2 if draws.chance(0.02) else 1))
    return rows


def plays(draws: Draws, n: int, listeners: int, tracks: Rows) -> Rows:
    rows: Rows = []
    for play_id in range(1, n + 1 if tracks else 1):
        track_id, length = (track := tracks[draws.skewed(len(tracks))])[0], track[4] or 200
        day = draws.day(date(2024, 1, 1), date(2024, 6, 30))
        moment = datetime.combine(day, time()) + timedelta(minutes=draws.below(24 * 60))
        anonymous = not listeners or draws.chance(0.06)
        heard = length if draws.chance(0.55) else 0 if draws.chance(0.1) else draws.below(length)
        rows.append(
            (
                play_id,
                # Some listeners never play anything: the last tenth.
                None if anonymous else draws.skewed(math.ceil(listeners * 0.9)) + 1,
                track_id,
                moment,
                None if draws.chance(0.03) else heard,
                None if draws.chance(0.05) else draws.pick(words.DEVICES),
            )
        )
    return rows


def purchases(draws: Draws, n: int, listeners: int, albums: Rows) -> Rows:
    rows: Rows = []
    possible = bool(albums) and listeners > 0
    for purchase_id in range(1, n + 1 if possible else 1):
        album = albums[draws.skewed(len(albums))]
        quantity = draws.pick((1, 1, 1, 1, 1, 2, 2, 3, 5))
        amount = (album[6] or Decimal("9.99")) * quantity
        day = draws.day(date(2022, 1, 1), date(2024, 6, 30))
        released = album[3]
        if released and released.year >= 2022 and draws.chance(0.2):  # on the very first day
            day = released
        rows.append(
            (
                purchase_id,
                None if draws.chance(0.05) else draws.skewed(listeners) + 1,
                album[0],
                day,
                quantity,
                # Refunds are negative; for a few the amount was not kept.
                None if draws.chance(0.03) else -amount if draws.chance(0.07) else amount,
            )
        )
    return rows
