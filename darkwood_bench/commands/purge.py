"""`darkwood purge`: old runs' records out of Dagster's storage."""

from typing import Annotated

import typer

from darkwood_bench.commands.terminal import out
from darkwood_bench.settings import settings_from_env


def purge(
    keep_days: Annotated[
        float, typer.Option("--keep-days", min=0, help="Runs that are younger stay.")
    ] = 30,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and leave it.")
    ] = False,
) -> None:
    """Delete old runs' events, logs and output from Dagster's storage, so that the UI stays quick.

    Scores, tables, answers and results stay, and so do the runs that made what is newest of each
    partition. With the daemon this happens every day: the schedule `purge_daily`.

    Example: `darkwood purge --keep-days 14`
    """
    from darkwood_bench.commands.run import quiet_libraries
    from darkwood_bench.launch import open_instance
    from darkwood_bench.purge import purge as purge_runs
    from darkwood_bench.resources import Bench

    quiet_libraries()
    with open_instance(Bench(settings_from_env())) as instance:
        found = purge_runs(instance, keep_days, dry_run=dry_run)
    said = "would be so: " if dry_run else ""
    out.print(f"{said}{found}", highlight=False, soft_wrap=True)
