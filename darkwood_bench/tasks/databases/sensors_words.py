"""The closed lists and the fixed days that the sensor network's values are made from.

Questions may rely on what stands here: it is the same for every seed.
"""

from datetime import datetime

QUANTITIES = ("temperature", "humidity", "co2", "pressure", "noise")
"""The devices that measured the last one have all been retired."""
LIMITS: tuple[tuple[str, str, float | None, float | None], ...] = (
    ("temperature", "°C", -20.0, 45.0),
    ("humidity", "%", 0.0, 100.0),
    ("co2", "ppm", None, 1200.0),
    ("pressure", "hPa", 940.0, 1060.0),
    ("noise", "dB", None, 85.0),
    ("light", "lx", 0.0, None),
)
"""quantity, unit, low, high. No device measures the last one."""
PREFIXES = {
    "temperature": "th",
    "humidity": "hu",
    "co2": "co",
    "pressure": "pr",
    "noise": "no",
}
CAMPAIGNS = (datetime(2024, 3, 30), datetime(2024, 10, 26))
"""First moment (UTC) of the two periods of readings. Each lasts three days; on the second day of
either, Europe/Paris moves its clocks at 01:00 UTC: 31 March forward, 27 October back."""
CAMPAIGN_HOURS = 72
ERROR_CODE = -999.0
SITES = (
    "Atelier Nord", "Bureau Étoile", "Cave à vin", "Dépôt Sud", "Entrepôt 5", "Forêt", "Gare",
    "Halle Île", "Internat",
)  # fmt: skip
CLASSES = ("indoor", "outdoor", "Indoor", "cellar")
MODELS = ("Aria 2", "Aria 3", "Boreal", "Cirrus X")
LABELS = ("battery", "door", "roof", "spare", "window")
SEVERITIES = ("info", "warning", "critical")
"""From the least to the most serious: the order of the Enum."""
PEOPLE = ("Amélie", "amélie", "Bruno", "Chloé ", " Dilek", "Ewan", "FARIDA", "Farida")
KINDS = ("battery", "cleaning", "cleaning", "firmware", "Firmware")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
