"""What happens around the sensor network: rows of alerts, maintenance and energy.

Moments are in UTC, without a zone.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from darkwood_bench.tasks.databases import sensors_words as words
from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.databases.sensors_network import Rows


def alerts(draws: Draws, n: int, devices: Rows) -> Rows:
    rows: Rows = []
    for alert_id in range(1, n + 1):
        device = draws.pick(devices) if devices and draws.chance(0.95) else None
        raised = _moment(draws)
        lasted = timedelta(minutes=draws.skewed(1500))
        rows.append(
            (
                alert_id,
                device[0] if device else None,
                draws.pick((*words.SEVERITIES, "info", "warning")),
                raised,
                None if draws.chance(0.12) else raised + lasted,
                _message(draws, device[2] if device else "temperature"),
                None if draws.chance(0.3) else draws.pick(words.PEOPLE),
            )
        )
    return rows


def _moment(draws: Draws) -> datetime:
    """Within a campaign; one in five within the hours in which Paris moves its clocks."""
    start = draws.pick(words.CAMPAIGNS)
    if draws.chance(0.2):
        return start + timedelta(hours=23, minutes=draws.below(4 * 60))
    return start + timedelta(minutes=draws.below(words.CAMPAIGN_HOURS * 60))


def _message(draws: Draws, quantity: str) -> str:
    if draws.chance(0.15):
        return draws.pick(("lost contact", "Lost contact", "battery low", "Pile faible"))
    number = draws.between(20, 1900)
    match quantity:
        case "temperature":
            return f"Température {number / 10} °C"
        case "humidity":
            return f"humidity {number / 10} %"
        case "co2":
            return f"CO2 at {number} ppm"
        case _:
            return f"pressure {number} hPa"


def maintenance(draws: Draws, n: int, sites: int, devices: Rows, alerts: Rows) -> Rows:
    """Windows may overlap, be open-ended, or be entered twice in the same words.

    A few begin or end at the very moment of an alert at their site.
    """
    site_of = {device_id: site_id for device_id, site_id, *_ in devices}
    placed = [(site_of.get(alert[1]), alert[3]) for alert in alerts]
    moments = [(site_id, moment) for site_id, moment in placed if site_id]
    rows: Rows = []
    while sites and len(rows) < n:
        site_id, starts = draws.skewed(sites) + 1, _moment(draws)
        lasts = timedelta(hours=draws.pick((1, 2, 4, 7, 8, 8, 12)), minutes=draws.pick((0, 0, 30)))
        if moments and draws.chance(0.3):
            site_id, moment = draws.pick(moments)
            starts = moment if draws.chance(0.5) else moment - lasts
        cost = Decimal(draws.pick((0, 4500, 8000, 12550, 39900))).scaleb(-2)
        asked = starts - timedelta(days=draws.between(0, 40))
        row = (
            site_id,
            draws.pick(words.KINDS),
            starts,
            None if draws.chance(0.15) else starts + lasts,
            None if draws.chance(0.1) else cost,
            # Dates typed as text, and sometimes not as a date.
            None if draws.chance(0.05) else f"{asked:%d/%m/%Y}" if draws.chance(0.93) else "asap",
        )
        rows.extend([row] * (2 if draws.chance(0.08) else 1))
    return rows


def energy(draws: Draws, sites: int) -> Rows:
    """One row a site and year, one column a month: kWh, negative where more was fed in."""
    return [
        (
            site_id,
            year,
            *(None if draws.chance(0.08) else draws.between(-60, 900) for _ in words.MONTHS),
        )
        for site_id in range(1, sites + 1)
        for year in (2022, 2023)
        if not draws.chance(0.1)
    ]
