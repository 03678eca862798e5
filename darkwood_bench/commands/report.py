"""`darkwood report`: everything that was found out, as pages for a browser."""

from pathlib import Path
from typing import Annotated

import typer

from darkwood_bench.commands.terminal import MEGABYTE, err, out, shown_progress
from darkwood_bench.settings import settings_from_env


def report(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Where to write; a report that is there is replaced. Default: beside the tables, "
            "where the copilot serves it at /report.",
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            "-b",
            metavar="VARIANT",
            help="The prompt variant that others are compared with first; every other is a link.",
        ),
    ] = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Show it in the browser when it is written.")
    ] = False,
) -> None:
    """Write the report: leaderboard, cost, failures, and every answer beside gold, as web pages.

    The pages are static and ask for nothing outside their folder: open index.html, or serve the
    folder under any path. They have the leaderboard with its intervals; accuracy against T; what T
    is made of; categories; failure classes; what each prompt variant buys; the course of each
    score; and a page for each task and answer, with prompt, code and the cells that differ from
    gold. Only tables are read, so it needs no model. Pages that have not changed are kept, and a
    build that is killed leaves the old report whole. Examples:

      darkwood report --open

      darkwood report --output public/bench --baseline minimal
    """
    from darkwood_bench.report import INDEX, build_report
    from darkwood_bench.report_source import read_contents, report_folder, variant_order

    settings = settings_from_env()
    folder = output or report_folder(settings)
    with shown_progress() as progress:
        contents = read_contents(
            settings.tables, baseline=baseline, variants=variant_order(settings), report=progress
        )
        written = build_report(contents, folder, progress)
    for system in contents.systems:
        if system.missing:
            err.print(
                f"without the answers of {system.model} {system.variant}: {system.missing}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
    index = written.folder / INDEX
    path, size = written.biggest
    out.print(
        f"{written.pages:,} files, {written.changed:,} of them new or changed; the biggest is "
        f"{path}, {size / MEGABYTE:.2f} MB",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    out.print(str(index), highlight=False, markup=False, soft_wrap=True)
    if open_:
        import webbrowser

        if not webbrowser.open(index.as_uri()):
            err.print("no browser was found here; open the file above in one")
