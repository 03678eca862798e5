"""`darkwood reproduce`: run a score again, and say whether it agrees."""

from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.compare import REFERENCE, print_comparison
from darkwood_bench.commands.run import quiet_libraries
from darkwood_bench.commands.terminal import fail, out, shown_progress
from darkwood_bench.settings import settings_from_env


def reproduce(
    score: Annotated[str, typer.Argument(metavar="SCORE_ID", help=f"A score: {REFERENCE}")],
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the new run in this folder, as a DAGSTER_HOME of its own."),
    ] = None,
) -> None:
    """Ask, run and judge again everything that a score came from, reusing nothing but weights.

    Agreement is the same code for every task, the same N, and a Score within the interval of the
    first. Exits 1 without it, and says what differs; 2 where no score is meant. Nothing on the
    board changes.

    Example: `darkwood reproduce smollm2-135m/minimal`
    """
    quiet_libraries()
    from darkwood_bench.launch import StageFailure
    from darkwood_bench.reproduction import reproduce as run_again
    from darkwood_bench.resources import Bench
    from darkwood_bench.score_history import find_score

    settings = settings_from_env()
    original = find_score(settings.tables, score)
    if keep is not None:
        keep = keep.expanduser().absolute()
        if keep.exists() and any(keep.iterdir()):
            fail(
                f"--keep {keep}: is not empty, and answers in it would be reused; name another",
                code=2,
            )
    with shown_progress() as report:
        try:
            found = run_again(Bench(settings, report), original, keep)
        except StageFailure as failure:
            fail(str(failure))
        except ValueError as error:
            fail(str(error))
    print_comparison(found.comparison, found.original, found.again)
    within = {True: "within", False: "outside", None: "not comparable with"}[found.score_within]
    out.print(
        f"the same code for {found.same_code} of {original['n_tasks']} tasks; the Score is "
        f"{within} the first's interval",
        highlight=False,
        soft_wrap=True,
    )
    if not found.agrees:
        fail("it does not agree")
    out.print("[green]it agrees[/green]")
