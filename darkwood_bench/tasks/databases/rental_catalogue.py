"""What the film rental has: films with their casts, stores, and copies on the shelves."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from darkwood_bench.tasks.databases import rental_words as words
from darkwood_bench.tasks.databases.draws import Draws

Row = tuple[Any, ...]


def film_rows(draws: Draws, n: int) -> list[Row]:
    """n films, numbered from 1."""
    rows: list[Row] = []
    for film_id in range(1, n + 1):
        original = draws.pick(rows) if rows and draws.chance(0.08) else None
        # A few remakes go by the very name of another film.
        title = draws.pick(rows)[1] if rows and draws.chance(0.03) else _title(draws)
        if original is not None:
            title = f"{original[1].strip()} {draws.pick(words.SEQUEL_WORDS)}"
        genres = draws.some(words.GENRES, draws.pick((0, 1, 1, 1, 2, 2, 3)))
        rows.append(
            (
                film_id,
                title,
                None if draws.chance(0.04) else draws.between(1958, 2025),
                draws.pick(words.LANGUAGES),
                None if draws.chance(0.05) else genres,
                draws.some(words.FEATURES, draws.pick((0, 0, 1, 2, 3))),
                None if draws.chance(0.07) else draws.pick(words.RATINGS),
                None if draws.chance(0.06) else draws.between(62, 198),
                cents(draws.pick((99, 199, 199, 299, 499))),
                cents(draws.between(8, 35) * 100 - 1),
                _score(draws),
                original[0] if original is not None else None,
            )
        )
    return rows


def _title(draws: Draws) -> str:
    title = f"{draws.pick(words.ARTICLES)}{draws.pick(words.ADJECTIVES)} {draws.pick(words.NOUNS)}"
    if not draws.chance(0.1):
        return title
    # As typed by hand now and then.
    return draws.pick((title.upper(), title.lower(), f"{title} ", f" {title}"))


def _score(draws: Draws) -> float | None:
    """Critics' mean, 0 to 10 by tenths. None: not reviewed; NaN: a mean of no reviews."""
    if draws.chance(0.09):
        return None
    return math.nan if draws.chance(0.05) else draws.between(12, 98) / 10


def cents(amount: int) -> Decimal:
    """Cents as an amount with two decimals."""
    return Decimal(amount).scaleb(-2)


def actor_rows(draws: Draws, n: int) -> list[Row]:
    """n actors, numbered from 1."""
    return [
        (
            actor_id,
            draws.pick(words.FIRST_NAMES),
            draws.pick(words.LAST_NAMES),
            None if draws.chance(0.12) else draws.day(date(1931, 1, 1), date(2008, 12, 31)),
        )
        for actor_id in range(1, n + 1)
    ]


def credit_rows(draws: Draws, films: int, actors: int) -> list[Row]:
    """film_actors: nobody in some films, and the actors with the highest numbers in none."""
    working = max(1, actors * 19 // 20)
    rows: list[Row] = []
    for film_id in range(1, films + 1):
        for place in range(1, draws.pick((0, 1, 2, 3, 4, 5, 6, 7)) + 1):
            actor_id = draws.skewed(working) + 1
            role = None if draws.chance(0.1) else draws.pick(words.ROLES)
            known = None if draws.chance(0.03) else actor_id
            row = (film_id, known, role, None if draws.chance(0.05) else place)
            rows.extend([row] * (2 if draws.chance(0.01) else 1))
    return rows


def store_rows() -> list[Row]:
    """The stores, which are the same for every seed."""
    return [
        (number, name, city, opened, closed, hours and _hours(*hours))
        for number, (name, city, opened, closed, hours) in enumerate(words.STORES, start=1)
    ]


def _hours(opens: int, closes: int) -> dict[str, int]:
    return {"opens": opens, "closes": closes}


def copy_rows(draws: Draws, n: int, films: int, rented: Mapping[int, date]) -> list[Row]:
    """`rented`: for some copies, the day on which they were first rented."""
    # The films with the highest numbers are on no shelf.
    shown = max(1, films * 19 // 20)
    rows: list[Row] = []
    for copy_id in range(1, n + 1):
        # A few were entered as bought after they had first been rented, or on that day.
        last = date(2024, 12, 31) if draws.chance(0.05) else date(2022, 12, 31)
        bought = draws.day(date(2019, 1, 1), last)
        if draws.chance(0.02):
            bought = min(rented.get(copy_id, bought), date(2024, 12, 31))
        rows.append(
            (
                copy_id,
                None if draws.chance(0.02) else draws.skewed(shown) + 1,  # None: no label
                draws.between(1, len(words.STORES) - 1),
                draws.pick(words.FORMATS),
                None if draws.chance(0.06) else draws.pick(words.CONDITIONS),
                bought,
                draws.day(date(2025, 1, 1), words.LAST_RENTAL) if draws.chance(0.15) else None,
            )
        )
    return rows
