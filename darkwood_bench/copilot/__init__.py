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
    from darkwood_bench.copilot.settings import settings_from_environment

    globals()["app"] = made = create_app(settings_from_environment())
    return made
