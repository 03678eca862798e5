"""The service: the benchmark's best system as a server that answers questions about tables.

`darkwood serve` starts it, and so does `uvicorn darkwood_bench.copilot:app`, with its settings from
the environment (`settings.py`).
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`, made when it is first asked for: importing this package opens and starts nothing."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from darkwood_bench.copilot.app import create_app
    from darkwood_bench.copilot.binding import TokenOrLoopback
    from darkwood_bench.copilot.settings import SettingsError, settings_from_environment

    try:
        settings = settings_from_environment()
        made = TokenOrLoopback(create_app(settings), settings)
    except SettingsError as error:
        raise SystemExit(f"error: {error}") from None
    globals()["app"] = made
    return made
