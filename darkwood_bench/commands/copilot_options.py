"""Options that `darkwood serve` and `darkwood mcp` have alike."""

from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(help="Model. Default: the leaderboard's best, else the registry's default."),
]
Variant = Annotated[
    str | None, typer.Option(help="Prompt variant. Default: the best, else best_cpu.")
]
Context = Annotated[
    int | None,
    typer.Option(help="Tokens of prompt and answer. Default: the model's.", min=1),
]
MinIsolation = Annotated[
    str | None,
    typer.Option(
        help="Run no code with less isolation than this (L0 to L3). Default: L1.",
        metavar="LEVEL",
    ),
]
