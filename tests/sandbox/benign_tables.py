"""The tables that the corpus of benign programs is run over."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl

SHOPS = ("north", "south", "east", "west")
ITEMS = ("Red Apple", "green pear ", "plum", "Hammer", "saw", "crème brûlée")
ROWS = 400


def write_tables(folder: Path) -> dict[str, Path]:
    """Parquet files of three tables: `sales`, `shops` and `readings`, by name."""
    tables = {"sales": _sales(), "shops": _shops(), "readings": _readings()}
    paths = {name: folder / f"{name}.parquet" for name in tables}
    for name, table in tables.items():
        table.write_parquet(paths[name])
    return paths


def _sales() -> pl.DataFrame:
    rows = range(ROWS)
    start = dt.datetime(2024, 1, 1, 8)
    return pl.DataFrame(
        {
            "id": [(i * 7) % ROWS for i in rows],
            "day": [start.date() + dt.timedelta(days=i * 3 % 131) for i in rows],
            "at": [start + dt.timedelta(minutes=i * 137, microseconds=i) for i in rows],
            "shop": [None if i % 17 == 0 else SHOPS[i * i % 4] for i in rows],
            "item": [ITEMS[i * 5 % 6] for i in rows],
            "qty": pl.Series([i * 11 % 10 for i in rows], dtype=pl.Int32),
            "amount": [None if i % 13 == 5 else round(i * 7.31 % 97, 2) for i in rows],
            "price": pl.Series([Decimal(i % 250) / 4 for i in rows], dtype=pl.Decimal(10, 2)),
            "paid": [i % 3 != 1 for i in rows],
            "tags": [None if i % 29 == 0 else ["new", "sale", "old"][: i % 4] for i in rows],
            "place": [{"city": ("Lyon", "Paris")[i % 2], "zip": 69000 + i % 5} for i in rows],
            "kind": pl.Series(
                ["fruit" if i * 5 % 6 < 3 else "tool" for i in rows], dtype=pl.Categorical
            ),
            "size": pl.Series(["SML"[i % 3] for i in rows], dtype=pl.Enum(["S", "M", "L"])),
            "blob": [bytes([0, i % 7, 255]) for i in rows],
        }
    )


def _shops() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "shop": [*SHOPS, "closed"],
            "city": ["Lille", "Nice", "Metz", "Brest", None],
            "opened": [dt.date(2019 + i, 5, 2 + i) for i in range(5)],
            "rating": pl.Series([4.5, 3.0, None, 4.1, 2.5], dtype=pl.Float32),
            "target": [200, 150, 120, 300, 0],
        }
    )


def _readings() -> pl.DataFrame:
    """Hourly over the night when the clocks of Paris went forward."""
    start = dt.datetime(2024, 3, 29, tzinfo=dt.UTC)
    hours = pl.Series([start + dt.timedelta(hours=i) for i in range(120)])
    return pl.DataFrame(
        {
            "at": hours.dt.convert_time_zone("Europe/Paris"),
            "sensor": ["ab"[i % 2] for i in range(120)],
            "value": [None if i % 19 == 0 else (i * 37 % 101) / 4 for i in range(120)],
        }
    )
