"""The sensor network and what it measures: rows of sites, devices, readings and calibrations.

Moments are in UTC, without a zone.
"""

import math
from datetime import date, datetime, timedelta
from typing import Any

from darkwood_bench.tasks.databases import sensors_words as words
from darkwood_bench.tasks.databases.draws import Draws

Rows = list[tuple[Any, ...]]


def sites(draws: Draws, n: int) -> Rows:
    rows: Rows = []
    for site_id, name in enumerate(words.SITES[:n], start=1):
        position = {"lat": draws.between(43_000, 50_000) / 1000, "lon": draws.below(7000) / 1000}
        rows.append(
            (
                site_id,
                name,
                None if draws.chance(0.2) else draws.pick(words.CLASSES),
                None if draws.chance(0.2) else draws.between(-30, 900),
                None if draws.chance(0.2) else position,
            )
        )
    return rows


def devices(draws: Draws, n: int, sites: int) -> Rows:
    rows: Rows = []
    for number in range(1, n + 1):
        quantity = draws.pick(words.QUANTITIES)
        loose = not sites or draws.chance(0.08)
        retired = quantity == "noise" or draws.chance(0.12)
        gateway = draws.pick(rows)[0] if rows and draws.chance(0.6) else None
        rows.append(
            (
                f"{words.PREFIXES[quantity]}-{number:03d}",
                # Nothing stands at the last site.
                None if loose else draws.skewed(max(1, sites - 1)) + 1,
                quantity,
                None if draws.chance(0.06) else draws.pick(words.MODELS),
                f"v{draws.between(1, 3)}.{draws.between(0, 12)}.{draws.below(6)}",
                draws.day(date(2019, 1, 1), date(2024, 2, 29)),
                draws.day(date(2024, 3, 1), date(2024, 3, 29)) if retired else None,
                None if draws.chance(0.1) else draws.pick((15, 30, 60, 60)),
                gateway,
                None if draws.chance(0.08) else draws.some(words.LABELS, draws.below(4)),
            )
        )
    return rows


def readings(draws: Draws, devices: Rows) -> Rows:
    """About hourly, with gaps, repeats and contradictions, in no order of time.

    Devices that were retired sent nothing; a few send under an id that the network does not know.
    """
    rows: Rows = []
    for device_id, _site, quantity, _model, _firmware, _installed, retired, *_ in devices:
        if retired:
            continue
        sender = "xx-" + device_id[3:] if draws.chance(0.04) else device_id
        for start in words.CAMPAIGNS:
            silent_from = draws.below(words.CAMPAIGN_HOURS * 2)
            silence = draws.between(2, 9)
            for hour in range(words.CAMPAIGN_HOURS):
                if silent_from <= hour < silent_from + silence or draws.chance(0.03):
                    continue
                minutes = draws.pick((0, 0, 0, 0, 7, 30, 59))
                moment = start + timedelta(hours=hour, minutes=minutes)
                value = _value(draws, quantity, hour % 24)
                sent = [value]
                if draws.chance(0.015):  # sent twice
                    sent.append(value)
                elif draws.chance(0.01):  # and once more, with another value
                    sent.append(_value(draws, quantity, hour % 24))
                rows.extend((sender, moment, each) for each in sent)
    rows.sort(key=lambda _: draws.below(1_000_000_000))
    return [(seq, *row) for seq, row in enumerate(rows, start=1)]


def _value(draws: Draws, quantity: str, hour: int) -> float | None:
    """None: nothing was measured; NaN: nonsense was; the error code: the device says so."""
    if draws.chance(0.02):
        return None
    if draws.chance(0.02):
        return math.nan
    if draws.chance(0.015):
        return words.ERROR_CODE
    if draws.chance(0.02):  # saturated at a limit
        bounds = next(bound for name, _unit, *bound in words.LIMITS if name == quantity)
        return draws.pick([bound for bound in bounds if bound is not None])
    match quantity:
        case "temperature":  # by half degrees, warmest at 14 h
            return (16 + 2 * (12 - abs(hour - 14)) + draws.between(-44, 64)) / 2
        case "humidity":
            return draws.between(180, 1020) / 10
        case "co2":
            return float(draws.between(390, 1600))
        case _:
            return draws.between(9300, 10500) / 10


def calibrations(draws: Draws, devices: Rows) -> Rows:
    """None, one or several a device; the first is sometimes later than the first reading."""
    rows: Rows = []
    for device_id, *_ in devices:
        moments = {
            datetime(2024, 1, 1) + timedelta(hours=draws.below(24 * 303))
            for _ in range(draws.below(5))
        }
        if draws.chance(0.3):
            # At the very moment of a reading on the hour.
            moments.add(words.CAMPAIGNS[1] + timedelta(hours=draws.below(words.CAMPAIGN_HOURS)))
        rows.extend(
            (
                device_id,
                moment,
                draws.between(-30, 30) / 10,
                None if draws.chance(0.12) else draws.between(90, 110) / 100,
                None if draws.chance(0.15) else draws.pick(words.PEOPLE),
            )
            for moment in sorted(moments)
        )
    return rows
