"""`darkwood trace`: from a score back to its question, prompt, text, code, run and verdict."""

from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl
import typer
from rich.markup import escape
from rich.padding import Padding
from rich.syntax import Syntax

from darkwood_bench.commands.terminal import compact_table, fail, known, out
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.tasks.checking import BASE

Row = Mapping[str, Any]
PARTITIONED = ("prompts", "generations", "executions", "validations")


def trace(
    model: Annotated[str, typer.Argument(help="The model, as on the leaderboard.")],
    variant: Annotated[str, typer.Argument(help="The prompt variant, as on the leaderboard.")],
    task: Annotated[
        str | None, typer.Argument(help="A task; none for a line on each of them.")
    ] = None,
) -> None:
    """Show what was asked, answered and run, and where the answer differs from gold.

    Without a task, a line on each; with one, everything: question, prompt messages, raw text,
    code, execution and verdict. Example:

      darkwood trace qwen2.5-coder-0.5b few_shot cards/friday-nights
    """
    settings = settings_from_env()
    tables = _tables(settings, model, variant)
    if task is None:
        _print_all(tables)
        return
    asked = tables["validations"]["task_id"].to_list()
    matching = [name for name in asked if name.split("/")[-1] == task]
    chosen = matching[0] if len(matching) == 1 else task
    if chosen not in asked and chosen in tables["tasks"]["task_id"]:
        fail(
            f"{chosen} was not among the {len(asked)} tasks asked of {model} under {variant}",
            code=2,
        )
    (name,) = known("task", [chosen], asked)
    verdict = _last(tables["validations"], name)
    executions = tables["executions"].filter(pl.col("data_variant") == _decisive(verdict))
    shown = tables | {"executions": executions}
    _print_one({table: _last(frame, name) for table, frame in shown.items()})


def _decisive(verdict: Row) -> str:
    """The data variant whose execution made the verdict."""
    return verdict["caught_by"][0] if verdict["caught_by"] else BASE


def _tables(settings: Settings, model: str, variant: str) -> dict[str, pl.DataFrame]:
    from darkwood_bench.harness import load_models
    from darkwood_bench.pairing import grid_variants
    from darkwood_bench.prompting import load_variants
    from darkwood_bench.storage import read_table

    specs = load_models(settings.models)
    known("model", [model], list(specs))
    known("prompt variant", [variant], grid_variants(specs, load_variants(settings.variants)))
    frames = {"tasks": read_table(settings.tables, "tasks")} | {
        table: read_table(settings.tables, table, model, variant) for table in PARTITIONED
    }
    missing = [table for table, frame in frames.items() if frame is None]
    if missing:
        fail(
            f"{model} under {variant} has no {', '.join(missing)}; make them with "
            f"`darkwood run --model {model} --variant {variant} --quick`"
        )
    return frames


def _last(frame: pl.DataFrame, task: str) -> Row:
    """A task's row; of its attempts, the last, which is the answer."""
    rows = frame.filter(pl.col("task_id") == task)
    if rows.is_empty():
        fail(
            f"{task} was asked, but the last run read other suites; run this one again to trace it"
        )
    return rows.row(-1, named=True)


def _print_all(tables: Mapping[str, pl.DataFrame]) -> None:
    table = compact_table()
    for name in ("task", "level", "verdict", "why"):
        table.add_column(name, overflow="fold", no_wrap=name != "why")
    tasks = tables["tasks"]
    verified = set(tasks.filter(pl.col("verified"))["task_id"])
    for row in tables["validations"].iter_rows(named=True):
        mark = "" if row["task_id"] in verified else " [yellow](unverified)[/yellow]"
        table.add_row(row["task_id"], str(row["level"]), _verdict(row) + mark, escape(_why(row)))
    out.print(table)
    out.print("Name a task to see all of it. Level: 0 no code, 1 parses, 2 runs, 3 correct, 4 fast")


def _print_one(rows: Mapping[str, Row]) -> None:
    task, generation, execution = rows["tasks"], rows["generations"], rows["executions"]
    verdict = rows["validations"]
    out.rule(f"[bold]{task['task_id']}[/bold]  {task['category']}, difficulty {task['difficulty']}")
    if task["dataset_hash"] != verdict["dataset_hash"]:
        out.print("[yellow]The suite has changed since: question and gold are today's.[/yellow]")
    _section("question", task["question"])
    _section("prompt", f"prompt_id {rows['prompts']['prompt_id']}")
    for message in rows["prompts"]["messages"]:
        out.print(f"[dim]{message['role']}[/dim]")
        out.print(Padding(escape(message["content"]), (0, 0, 0, 4)), highlight=False)
    if generation["feedback"]:
        _section("feedback", generation["feedback"])
    _section("raw text", _generation_line(generation))
    out.print(Padding(escape(generation["raw_text"]), (0, 0, 0, 4)), highlight=False)
    _code("code", generation["code"])
    if generation["rewrites"]:
        _section("rewritten", "; ".join(generation["rewrites"]))
    if generation["problem"]:
        _section("dry run", generation["problem"])
    _section("execution", _execution_line(execution))
    if execution["error_message"]:
        where = f" (line {execution['error_line']})" if execution["error_line"] else ""
        _section("error", f"{execution['error_class']}{where}: {execution['error_message']}")
    _section("verdict", f"{_verdict(verdict)}, level {verdict['level']}")
    if not verdict["correct"]:
        _section("why", _why(verdict))
    if verdict["quality_flags"]:
        _section("quality", ", ".join(verdict["quality_flags"]))
    _code("gold", task["gold_code"])
    if not task["verified"]:
        reason = "no oracle" if task["oracle_sql"] is None else "see `darkwood tasks check`"
        out.print(f"[yellow]This gold is unverified: {reason}.[/yellow]", highlight=False)


def _section(title: str, text: str) -> None:
    out.print(f"[bold cyan]{title:<10}[/bold cyan] ", end="")
    out.print(text if title == "verdict" else escape(text), highlight=False, soft_wrap=True)


def _code(title: str, code: str | None) -> None:
    _section(title, "" if code else "none")
    if code:
        out.print(
            Padding(
                Syntax(code, "python", background_color="default", word_wrap=True), (0, 0, 0, 4)
            )
        )


def _generation_line(row: Row) -> str:
    cached = f", {row['cached_tokens']} cached" if row["cached_tokens"] else ""
    error = f"; {row['error']}" if row["error"] else ""
    tokens = (
        f"{row['prompt_tokens']} prompt tokens{cached}, {row['completion_tokens']} generated"
        if row["completion_tokens"] is not None
        else "tokens unknown"
    )
    return (
        f"generation_id {row['generation_id']}, attempt {row['attempt']}, {row['wall_s']:.2f} s, "
        f"{tokens}, {row['finish_reason']}{error}"
    )


def _execution_line(row: Row) -> str:
    shape = f", {row['rows']} rows × {row['columns']} columns" if row["rows"] is not None else ""
    return (
        f"{row['status']}{shape}, {row['wall_s'] * 1000:.0f} ms, isolation "
        f"{row['isolation_level']}, data variant {row['data_variant']}"
    )


def _verdict(row: Row) -> str:
    if row["correct"]:
        return "[green]correct[/green]"
    return "[red]wrong[/red]"


def _why(row: Row) -> str:
    if row["correct"]:
        return ""
    names = "right but for column names" if row["correct_ignoring_names"] else None
    more = row["caught_by"][1:]
    silent = "right on the base data" if row["correct_on_base"] else None
    also = f"also caught by {', '.join(more)}" if more else None
    parts = [row["failure_class"], names, silent, row["failure_detail"], row["mismatch"], also]
    return ": ".join(part for part in parts if part)
