"""Stage 8: the board, and every answer behind it, as pages for a browser."""

from time import monotonic

import dagster as dg

from darkwood_bench.assets.metadata import logged
from darkwood_bench.report import INDEX, build_report
from darkwood_bench.report_source import read_contents, report_folder, variant_order
from darkwood_bench.resources import Bench


@dg.asset(
    deps=["leaderboard", "differences"],
    group_name="7_report",
    owners=["team:report"],
    kinds={"html"},
    description="Static pages: leaderboard, cost, failures, and every answer beside gold. Written "
    "into a folder that is replaced whole; pages that have not changed are kept.",
)
def report(
    context: dg.AssetExecutionContext, bench: dg.ResourceParam[Bench]
) -> dg.MaterializeResult:
    """Read what the other assets have written, and write it as pages."""
    started = monotonic()
    settings = bench.settings
    told = logged(context, bench.report)
    contents = read_contents(settings.tables, variants=variant_order(settings), report=told)
    for system in contents.systems:
        if system.missing:
            context.log.warning(
                f"without the answers of {system.model} {system.variant}: {system.missing}"
            )
    written = build_report(contents, report_folder(settings), told)
    path, size = written.biggest
    return dg.MaterializeResult(
        metadata={
            "index": dg.MetadataValue.path(str(written.folder / INDEX)),
            "pages": written.pages,
            "new_or_changed": written.changed,
            "biggest_page": path,
            "biggest_bytes": size,
            "systems": len(contents.systems),
            "tasks": len(contents.tasks),
            "elapsed_s": monotonic() - started,
        }
    )
