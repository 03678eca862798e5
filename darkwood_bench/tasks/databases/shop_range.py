"""What the shop sells: suppliers, products, their price history, and targets."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from darkwood_bench.tasks.databases import shop_words as words
from darkwood_bench.tasks.databases.draws import Draws

Row = tuple[Any, ...]


def supplier_rows(draws: Draws) -> list[Row]:
    """The suppliers; their names are the same for every seed."""
    rows: list[Row] = []
    for supplier_id, company in enumerate(words.COMPANIES, start=1):
        terms = {"days": draws.pick((14, 30, 30, 60)), "discount": draws.pick((0.0, 0.02, 0.03))}
        rows.append(
            (
                supplier_id,
                company,
                None if draws.chance(0.08) else draws.pick(words.COUNTRIES),
                None if draws.chance(0.12) else terms,
                None if draws.chance(0.1) else draws.day(date(2004, 1, 1), date(2024, 12, 31)),
            )
        )
    return rows


def product_rows(draws: Draws, n: int) -> list[Row]:
    """n products, numbered from 1."""
    suppliers = len(words.COMPANIES) - words.SUPPLIERS_WITHOUT_PRODUCTS
    rows: list[Row] = []
    for product_id in range(1, n + 1):
        category = draws.pick(words.CATEGORIES)
        size = f"-{draws.pick(words.SIZES)}" if draws.chance(0.6) else ""
        price = draws.between(3, 400) * 100 - draws.pick((0, 1, 5, 10, 50))
        tags = draws.some(words.TAGS, draws.pick((0, 0, 1, 1, 2, 3)))
        rows.append(
            (
                product_id,
                f"{words.PREFIXES[category]}-{product_id:04d}{size}",
                _product_name(draws, category),
                category,
                None if draws.chance(0.06) else draws.skewed(suppliers) + 1,  # None: own make
                cents(price),
                # Some are sold below what they cost.
                None if draws.chance(0.07) else cents(price * draws.between(40, 108) // 100),
                None if draws.chance(0.3) else draws.between(4, 220),
                None if draws.chance(0.1) else draws.between(1, 240) / 20,
                None if draws.chance(0.08) else tags,
                None if draws.chance(0.05) else draws.pick(words.CLASSES),
                # Below 0: promised to more customers than there are pieces.
                draws.between(-8, -1) if draws.chance(0.04) else draws.pick((0, draws.below(90))),
                draws.chance(0.12),
            )
        )
    return rows


def _product_name(draws: Draws, category: str) -> str:
    name = f"{draws.pick(words.MODELS)} {draws.pick(words.GOODS[category])}"
    if draws.chance(0.5):
        name = f"{name} {draws.between(2, 5)}"
    return blemished(draws, name, 0.1)


def blemished(draws: Draws, text: str, share: float) -> str:
    """Now and then in another case, or with a blank at one end, as typed by hand."""
    if not draws.chance(share):
        return text
    return draws.pick((text.upper(), text.lower(), f"{text} ", f" {text}"))


def cents(amount: int) -> Decimal:
    """Cents as an amount with two decimals."""
    return Decimal(amount).scaleb(-2)


def price_rows(draws: Draws, list_prices: list[Decimal]) -> list[Row]:
    """What a product cost from a day on, until the next such day. Some have no history."""
    rows: list[Row] = []
    for product_id, price in enumerate(list_prices, start=1):
        if draws.chance(0.1):
            continue
        day = draws.day(date(2022, 7, 1), date(2023, 9, 30))
        for _ in range(draws.between(1, 4)):
            rows.append((product_id, day, cents(int(price * draws.between(80, 115)))))
            day += timedelta(days=draws.between(20, 300))
    return rows


def target_rows(draws: Draws) -> list[Row]:
    """The targets of three years; some were planned for its first quarters only."""
    rows: list[Row] = []
    for year in (2023, 2024, 2025):
        for category in (*words.CATEGORIES, words.UNSOLD_CATEGORY):
            quarters = [
                None if draws.chance(0.1) else Decimal(draws.between(2, 60) * 500) for _ in range(4)
            ]
            if draws.chance(0.4):
                planned = draws.between(1, 3)
                quarters[planned:] = [None] * (4 - planned)
            rows.append((year, category, *quarters))
    return rows
