"""`darkwood serve`: the best system as a server that answers questions about tables."""

from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.copilot_options import Context, MinIsolation, Model, Variant
from darkwood_bench.commands.terminal import err, fail

BAD_USAGE = 2


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Address to bind to; any but 127.0.0.1 needs a token.", metavar="IP"),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port. Default: 8000.", min=0)] = None,
    model: Model = None,
    variant: Variant = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder whose files may be named in requests, and nobody else's; repeat.",
            metavar="DIR",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="Bearer tokens that are accepted, one a line.", metavar="FILE"),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another name that the server may be called by; repeat.", metavar="NAME"),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="sequential (as it is measured), or batched: several answers at once, each with "
            "the memory of a context of its own.",
            metavar="MODE",
        ),
    ] = None,
    context: Context = None,
    execute: Annotated[
        bool, typer.Option("--execute", help="Serve POST /v1/execute: programs of the client's.")
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Serve tools for assistants at /mcp (extra mcp).")
    ] = False,
    log_questions: Annotated[
        bool, typer.Option("--log-questions", help="Have the log say what was asked.")
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds for a request. Default: 120.", metavar="S")
    ] = None,
    queue: Annotated[
        int | None, typer.Option(help="Requests that may wait. Default: 64.", min=1)
    ] = None,
    max_upload_mb: Annotated[
        float | None, typer.Option(help="Megabytes of one file. Default: 64.", metavar="MB")
    ] = None,
    min_isolation: MinIsolation = None,
) -> None:
    """Serve questions about tables: POST /chat (the hackathon's contract) and POST /v1/query.

    Every option is an environment variable, too: DARKWOOD_SERVE_PORT, DARKWOOD_SERVE_DATA (parted
    by ':'); a token is one alone: DARKWOOD_SERVE_TOKEN. Then `uvicorn darkwood_bench.copilot:app`
    serves the same. SIGTERM finishes what is under way, and refuses the rest.

    Example:

      darkwood serve --model qwen2.5-coder-0.5b --data ./tables
    """
    from darkwood_bench.copilot.serving import serve as run
    from darkwood_bench.copilot.settings import SettingsError, settings_from_environment

    try:
        settings = settings_from_environment(
            host=host,
            port=port,
            model=model,
            variant=variant,
            data=tuple(data or ()),
            token_file=token_file,
            allow_host=tuple(allow_host or ()),
            mode=mode,
            context=context,
            execute=execute or None,
            mcp=mcp or None,
            log_questions=log_questions or None,
            timeout_s=timeout,
            queue=queue,
            max_upload_mb=max_upload_mb,
            min_isolation=min_isolation,
        )
        reason = run(settings, lambda line: err.print(line, highlight=False, soft_wrap=True))
    except SettingsError as error:
        fail(str(error), code=BAD_USAGE)
    if reason is not None:
        fail(reason)
