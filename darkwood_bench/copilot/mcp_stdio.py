"""The tools over standard input and output, for an assistant that starts the process."""

import asyncio
import signal

from darkwood_bench.copilot.logs import start_logging
from darkwood_bench.copilot.mcp_tools import mcp_server
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.service import Copilot
from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.copilot.stopping import Stopping
from darkwood_bench.settings import settings_from_env


def serve_stdio(settings: CopilotSettings) -> None:
    """Serve until the assistant closes standard input, or SIGTERM or SIGINT.

    Raises SettingsError for settings that make no sense, and what `Copilot` raises.
    """
    settings.check()
    start_logging()
    asyncio.run(_serve(settings))


async def _serve(settings: CopilotSettings) -> None:
    copilot = Copilot(settings, settings_from_env(), Monitoring(), Stopping())
    serving = asyncio.current_task()
    assert serving is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    try:
        async with copilot:
            await mcp_server(copilot).run_stdio_async()
    except asyncio.CancelledError:
        copilot.stopping.begin()  # asked to end: no error
