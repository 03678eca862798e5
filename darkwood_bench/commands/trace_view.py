"""The story of an answer on a terminal: a heading for each stage, what is long below it."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from darkwood_bench.commands.terminal import compact_table, out
from darkwood_bench.trace import Line, Story
from darkwood_bench.trace.story import LEVELS, Row, reasons

INDENT = (0, 0, 0, 2)
MAX_CELL = 24
"""Characters of a cell of the difference that are shown."""


def print_lines(lines: Iterable[Line], *, with_cell: bool) -> None:
    """A line an answer; with the model and variant of each where they are of several."""
    table = compact_table()
    names = [*(["model", "variant"] if with_cell else []), "task", "level", "verdict", "why"]
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in ("level", "verdict"))
    for line in lines:
        where = [line.answer.model, line.answer.variant] if with_cell else []
        verdict = "[green]correct[/green]" if line.correct else f"[red]{line.failure_class}[/red]"
        mark = "" if line.verified else " [yellow](unverified)[/yellow]"
        why = Text(line.why, overflow="ellipsis", no_wrap=True)
        table.add_row(*where, line.answer.task_id, str(line.level), verdict + mark, why)
    out.print(table)
    levels = ", ".join(f"{number} {name}" for number, name in enumerate(LEVELS))
    out.print(f"Name a task to see all of it. Levels: {levels}", highlight=False)


def print_story(story: Story) -> None:
    """Question, prompt, text, code, executions, difference from gold and class, in that order."""
    task, verdict, answer = story.task, story.verdict, story.answer
    out.rule(f"[bold]{task['task_id']}[/bold]", align="left")
    _fact(
        f"{answer.model} under {answer.variant}; {task['category']}, level of difficulty "
        f"{task['difficulty']}"
    )
    _fact(f"generation {answer.generation_id}", dim=True)
    if story.changed_since:
        out.print("[yellow]The suite has changed since: question and gold are today's.[/yellow]")

    _heading("question")
    _text(task["question"])
    _heading("prompt", f"prompt {story.prompt['prompt_id']}")
    for message in story.prompt["messages"]:
        out.print(Padding(f"[bold dim]{message['role']}[/bold dim]", INDENT))
        _text(message["content"], 4)
    for attempt in story.attempts:
        _print_attempt(attempt, len(story.attempts))
    _heading("executions")
    out.print(Padding(_executions(story.executions), INDENT))
    _print_errors(story.executions)
    if not verdict["correct"]:
        _print_difference(story)
    _print_verdict(story)
    _heading("gold", "" if task["verified"] else "[yellow]unverified[/yellow]")
    _code(task["gold_code"])
    if not task["verified"]:
        reason = "it has no oracle" if task["oracle_sql"] is None else "see `darkwood tasks check`"
        _fact(f"This gold is unverified: {reason}.")


def _print_attempt(row: Row, of: int) -> None:
    number = f"attempt {row['attempt']} of {of}, " if of > 1 else ""
    if row["feedback"]:
        _heading("feedback", f"before attempt {row['attempt']}")
        _text(row["feedback"])
    _heading("raw text", f"{number}{_cost(row)}")
    if row["error"]:
        out.print(Padding(f"[red]{escape(row['error'])}[/red]", INDENT), highlight=False)
    else:
        _text(row["raw_text"])
    _heading("code", "" if row["code"] else "none")
    if row["code"]:
        _code(row["code"])
    for rewrite in row["rewrites"]:
        _fact(f"rewritten: {rewrite}")
    if row["problem"]:
        _fact(f"over empty tables: {row['problem']}")


def _cost(row: Row) -> str:
    parts = [f"{row['wall_s']:.2f} s"]
    if row["completion_tokens"] is not None:
        cached = f" ({row['cached_tokens']} cached)" if row["cached_tokens"] else ""
        parts.append(f"{row['prompt_tokens']} prompt tokens{cached}")
        parts.append(f"{row['completion_tokens']} generated")
    else:
        parts.append("tokens unknown")
    return ", ".join([*parts, str(row["finish_reason"])])


def _executions(rows: Sequence[Row]) -> Table:
    table = compact_table()
    for name in ("data", "status", "result", "time", "memory"):
        table.add_column(name, justify="left" if name in ("data", "status") else "right")
    for row in rows:
        shape = "" if row["rows"] is None else f"{row['rows']} × {row['columns']}"
        style = "green" if row["status"] == "ok" else "red"
        table.add_row(
            row["data_variant"],
            f"[{style}]{row['status']}[/{style}]",
            shape,
            f"{row['wall_s'] * 1000:.0f} ms",
            f"{row['peak_memory_bytes'] / 1e6:.0f} MB",
        )
    return table


def _print_errors(rows: Sequence[Row]) -> None:
    """Each different error once, with where it was met first."""
    seen: set[str] = set()
    for row in rows:
        message = row["error_message"]
        if message and message not in seen:
            seen.add(message)
            line = f", line {row['error_line']}" if row["error_line"] else ""
            _fact(f"{row['error_class'] or row['status']} on {row['data_variant']}{line}:")
            _text(message, 4)


def _print_difference(story: Story) -> None:
    found = story.difference
    if found is None:
        _heading("difference", "not kept: run `darkwood run` again to have it")
        return
    if found["got_rows"] is None:
        return  # there is no result to set beside gold
    _heading(
        "difference",
        f"on {found['data_variant']}: {found['got_rows']} rows, gold has {found['expected_rows']}",
    )
    for column in found["columns"]:
        if column["expected"] is None:
            _fact(f"{column['name']}: a column that gold has not")
        elif column["got"] is None:
            _fact(f"{column['name']}: missing")
    if found["pairs"]:
        out.print(Padding(_pairs(found), INDENT))
    left_out = found["more_expected"] + found["more_got"]
    if left_out:
        _fact(f"and {left_out} rows more")


def _pairs(found: Row) -> Table:
    """Rows of gold and their counterparts, one under the other; cells that differ are marked."""
    table = compact_table()
    table.add_column("", no_wrap=True)
    for column in found["columns"]:
        table.add_column(escape(column["name"]), overflow="fold")
    for pair in found["pairs"]:
        marked = pair["differs"] or [True] * len(found["columns"])
        for side, style in (("expected", "green"), ("got", "red")):
            number = pair[f"{side}_row"]
            if number is None:
                continue
            name = "gold" if side == "expected" else "got"
            shown = zip(pair[side], marked, strict=True)
            cells = [_cell(text, style if mark else "") for text, mark in shown]
            table.add_row(f"{name} {number}", *cells)
    return table


def _cell(text: str | None, style: str) -> RenderableType:
    shown = "–" if text is None else text
    return Text(shown if len(shown) <= MAX_CELL else f"{shown[: MAX_CELL - 1]}…", style=style)


def _print_verdict(story: Story) -> None:
    verdict = story.verdict
    right = "[green]correct[/green]" if verdict["correct"] else "[red]wrong[/red]"
    _heading("verdict", f"{right}, level {verdict['level']}: {story.level}")
    if verdict["failure_class"]:
        _fact(f"class: {verdict['failure_class']}")
    if verdict["failure_detail"]:
        _fact(str(verdict["failure_detail"]))
    for reason in reasons(verdict):
        _fact(reason)
    if verdict["caught_by"]:
        _fact(f"caught by {', '.join(verdict['caught_by'])}")
    if verdict["quality_flags"]:
        _fact(f"quality: {', '.join(verdict['quality_flags'])}")
    if verdict["cpu_ratio_to_gold"] is not None:
        _fact(
            f"{verdict['cpu_ratio_to_gold']:.2f} × gold's CPU time, "
            f"{verdict['memory_ratio_to_gold']:.2f} × its memory"
        )


def _heading(title: str, beside: str = "") -> None:
    out.print()
    out.print(f"[bold cyan]{title}[/bold cyan]  {beside}", highlight=False)


def _fact(text: str, *, dim: bool = False) -> None:
    out.print(Padding(Text(text, style="dim" if dim else ""), INDENT))


def _text(text: Any, indent: int = 2) -> None:
    out.print(Padding(Text(str(text)), (0, 0, 0, indent)))


def _code(code: str) -> None:
    syntax = Syntax(code, "python", background_color="default", word_wrap=True)
    out.print(Padding(syntax, INDENT))
