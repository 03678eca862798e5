"""`darkwood trace`: from a score back to its question, prompt, text, code, runs and verdict."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from darkwood_bench.commands.terminal import fail, known
from darkwood_bench.commands.trace_view import print_lines, print_story
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.trace import (
    Answer,
    CellTables,
    Line,
    cell_tables,
    find_answers,
    lines_of,
    scored_cells,
    story_of,
)


def trace(
    model: Annotated[
        str | None, typer.Argument(help="A model, as on the leaderboard; none for all.")
    ] = None,
    variant: Annotated[
        str | None, typer.Argument(help="A prompt variant, as on the leaderboard; none for all.")
    ] = None,
    task: Annotated[
        str | None, typer.Argument(help="A task, with or without its suite's name.")
    ] = None,
    generation: Annotated[
        str | None,
        typer.Option("--generation", "-g", help="The answer whose generation_id begins like this."),
    ] = None,
    of_task: Annotated[
        str | None,
        typer.Option("--task", "-t", help="This task, by every model and variant that was asked."),
    ] = None,
    failures: Annotated[
        str | None,
        typer.Option(
            "--failures", "-f", metavar="CLASS", help="Answers that failed in this way only."
        ),
    ] = None,
) -> None:
    """Show what was asked, answered and run, and where the answer differs from gold.

    One answer is shown whole: question, prompt messages, raw text, code, executions on each data
    variant, difference from gold, class. Of several there is a line each. Examples:

      darkwood trace qwen2.5-coder-0.5b few_shot cards/friday-nights

      darkwood trace --generation 3f9a01

      darkwood trace --task friday-nights

      darkwood trace --failures unknown_column
    """
    settings = settings_from_env()
    cells = _cells(settings, model, variant)
    if failures is not None:
        _require_class(failures)
    found = list(
        find_answers(
            settings.tables,
            cells,
            generation=generation,
            task=task or of_task,
            failure_class=failures,
        )
    )
    one_by_name = generation is not None or (task is not None and variant is not None)
    whole = one_by_name or (of_task is not None and len(found) == 1)
    if not found:
        _nothing(settings, cells, generation, task or of_task, failures)
    if whole and len({answer.task_id for answer in found}) == 1:
        _show(settings, found[0])
    elif generation is not None:
        ids = ", ".join(sorted({answer.generation_id for answer in found})[:5])
        fail(f"{len(found)} generations begin with '{generation}': {ids}; name more of one", code=2)
    else:
        print_lines(_lines(settings, found), with_cell=len(cells) > 1)


def _cells(settings: Settings, model: str | None, variant: str | None) -> list[tuple[str, str]]:
    """The judged partitions that are meant; ends the command where there are none."""
    from darkwood_bench.harness import load_models
    from darkwood_bench.pairing import grid_variants
    from darkwood_bench.prompting import load_variants

    specs = load_models(settings.models)
    if model is not None:
        known("model", [model], list(specs))
    if variant is not None:
        known("prompt variant", [variant], grid_variants(specs, load_variants(settings.variants)))
    found = [
        cell
        for cell in scored_cells(settings.tables)
        if model in (None, cell[0]) and variant in (None, cell[1])
    ]
    if not found:
        asked = " under ".join(name for name in (model, variant) if name) or "any model"
        options = f"--model {model} " if model else ""
        options += f"--variant {variant} " if variant else ""
        fail(f"no answers of {asked} were judged yet; make them: `darkwood run {options}--quick`")
    return found


def _require_class(failure_class: str) -> None:
    from darkwood_bench.tables import FAILURE_CLASSES

    known("failure class", [failure_class], FAILURE_CLASSES)


def _nothing(
    settings: Settings,
    cells: Sequence[tuple[str, str]],
    generation: str | None,
    task: str | None,
    failures: str | None,
) -> None:
    """End the command: no answer is all of what was asked for."""
    where = f"{len(cells)} partitions" if len(cells) > 1 else " under ".join(cells[0])
    if generation is not None:
        fail(f"no generation that begins with '{generation}' in {where}", code=2)
    if task is not None and failures is None:
        tables = cell_tables(settings.tables, *cells[0])
        if isinstance(tables, CellTables):
            names = tables.tasks["task_id"].to_list()
            known("task", [task if "/" in task else _only(names, task)], names)
        fail(f"{task} was not among the tasks asked in {where}", code=2)
    fail(f"no answer of the class {failures} in {where}")


def _only(names: Sequence[str], task: str) -> str:
    """A task's id from its name without the suite, where there is just one of it."""
    matching = [name for name in names if name.split("/")[-1] == task]
    return matching[0] if len(matching) == 1 else task


def _show(settings: Settings, answer: Answer) -> None:
    tables = cell_tables(settings.tables, answer.model, answer.variant)
    if not isinstance(tables, CellTables):
        fail(
            f"{answer.model} under {answer.variant} has no {', '.join(tables)}; make them with "
            f"`darkwood run --model {answer.model} --variant {answer.variant} --quick`"
        )
    story = story_of(tables, answer.task_id)
    if story is None:
        fail(
            f"{answer.task_id} was asked, but the last run read other suites; run this one again "
            "to trace it"
        )
    print_story(story)


def _lines(settings: Settings, found: Sequence[Answer]) -> Iterator[Line]:
    """The lines of some answers, partition by partition."""
    wanted = {(answer.model, answer.variant, answer.task_id) for answer in found}
    for model, variant in dict.fromkeys((answer.model, answer.variant) for answer in found):
        tables = cell_tables(settings.tables, model, variant)
        if isinstance(tables, CellTables):
            for line in lines_of(tables):
                if (model, variant, line.answer.task_id) in wanted:
                    yield line
