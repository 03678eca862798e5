"""`darkwood mcp`: the copilot's tools for an assistant, over standard input and output."""

from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.copilot_options import Context, MinIsolation, Model, Variant
from darkwood_bench.commands.terminal import fail

BAD_USAGE = 2


def mcp(
    model: Model = None,
    variant: Variant = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder whose files the assistant may ask about, and no others; repeat.",
            metavar="DIR",
        ),
    ] = None,
    context: Context = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds for a question. Default: 120.", metavar="S")
    ] = None,
    max_upload_mb: Annotated[
        float | None,
        typer.Option(
            help="Megabytes of one file that code is run over. Default: 64.", metavar="MB"
        ),
    ] = None,
    min_isolation: MinIsolation = None,
) -> None:
    """Serve the tools query and describe_tables to an assistant that starts this command (MCP).

    It speaks the Model Context Protocol over standard input and output, and logs to standard
    error. Options are environment variables, too, as `darkwood serve` has them. The extra
    mcp must be installed.

    Example, as an assistant's configuration has it:

      {"command": "darkwood", "args": ["mcp", "--data", "/home/me/tables"]}
    """
    from darkwood_bench.copilot.settings import SettingsError, settings_from_environment

    try:
        from darkwood_bench.copilot.mcp_stdio import serve_stdio
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("mcp", "mcp_types"):
            raise
        fail("the extra mcp is not installed: pip install 'darkwood-bench[mcp]'")
    try:
        settings = settings_from_environment(
            model=model,
            variant=variant,
            data=tuple(data or ()),
            context=context,
            timeout_s=timeout,
            max_upload_mb=max_upload_mb,
            min_isolation=min_isolation,
        )
        serve_stdio(settings)
    except SettingsError as error:
        fail(str(error), code=BAD_USAGE)
