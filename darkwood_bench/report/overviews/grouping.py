"""Systems that may be compared, and what a page says of them."""

from collections.abc import Iterator
from itertools import groupby

from darkwood_bench.report.contents import GROUP, Contents, Row, System
from darkwood_bench.report.formats import counted


def groups(contents: Contents) -> Iterator[tuple[str, Row, list[System]]]:
    """Systems that may be compared: an id, a row with what they share, and they."""
    systems = groupby(contents.systems, key=lambda system: [system.board[name] for name in GROUP])
    for number, (_, found) in enumerate(systems, start=1):
        members = list(found)
        yield f"group-{number}", members[0].board, members


def group_heading(board: Row) -> dict[str, str]:
    """What a group's systems were asked, and how."""
    asked = counted(board["n_tasks"], "task")
    slices = {"all": f"All tasks: {asked}", "quick": f"Quick sample: {asked}"}
    title = slices.get(board["slice"], f"Sample: {asked}")
    mode = "one request at a time" if board["mode"] == "sequential" else "all requests at once"
    return {
        "title": f"{title}, {board['mode']}",
        "conditions": f"{mode.capitalize()}; at most {board['budgets']} an answer; isolation "
        f"{board['isolation_level']}; dataset {board['dataset_hash']}; suites "
        f"{', '.join(board['suites'])}",
        "sample": ""
        if board["slice"] == "all"
        else "A sample: it is never ranked beside a run of all tasks.",
    }
