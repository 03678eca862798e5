"""What `darkwood doctor` found: one line each, with the fix."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from darkwood_bench.commands.terminal import out


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    fix: str = ""
    """What to do about it; empty when nothing need be done."""
    stops_the_run: bool = False


def print_findings(findings: Sequence[Finding]) -> None:
    """As a table."""
    table = Table(show_lines=True)
    for name in ("", "what", "found", "fix"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        mark = "[green]ok[/green]" if not finding.fix else "[yellow]note[/yellow]"
        if finding.stops_the_run:
            mark = "[red]stop[/red]"
        table.add_row(mark, finding.what, escape(finding.found), escape(finding.fix))
    out.print(table)
