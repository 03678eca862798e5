"""Every page of a report: where it is, what it depends on, how it is made."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from darkwood_bench.report import overviews
from darkwood_bench.report.addresses import answers_page, baseline_page, system_page, task_page
from darkwood_bench.report.answers import answers_context, answers_inputs, task_context
from darkwood_bench.report.contents import Answer, Contents, Task
from darkwood_bench.report.folder import INDEX, Page
from darkwood_bench.report.rendering import render
from darkwood_bench.report.systems import system_context

_STATIC = Path(__file__).parent / "static"


def count_pages(contents: Contents) -> int:
    """How many files `pages` gives."""
    answers = sum(len({answer.model for answer in task.answers}) for task in contents.tasks)
    static = sum(1 for path in _STATIC.iterdir() if path.is_file())
    totals = 7 + len(contents.effects)
    return static + totals + len(contents.systems) + len(contents.tasks) + answers


def pages(contents: Contents) -> Iterator[Page]:
    """All of them; what is costly to make is made when it is rendered."""
    yield from _static()
    yield from _overviews(contents)
    yield from _systems(contents)
    for task in contents.tasks:
        yield _page(task_page(task.row["task_id"]), "task.html", task_context(task))
        for model, answers in groupby(task.answers, key=lambda answer: answer.model):
            yield _answers(task, model, list(answers))


def _static() -> Iterator[Page]:
    for path in sorted(path for path in _STATIC.iterdir() if path.is_file()):
        # Their contents are part of every page's fingerprint.
        yield Page(f"static/{path.name}", path.name, path.read_bytes)


def _overviews(contents: Contents) -> Iterator[Page]:
    made: dict[str, Callable[[Contents], dict[str, Any]]] = {
        "cost.html": overviews.cost,
        "categories.html": overviews.categories,
        "failures.html": overviews.failures,
        "history.html": overviews.history,
        "tasks.html": overviews.tasks,
    }
    yield _page(INDEX, "leaderboard.html", overviews.leaderboard(contents))
    for page, make in made.items():
        yield _page(page, page, make(contents))
    chosen = contents.baseline
    empty = {"baseline": None, "baselines": [], "models": []}
    first = overviews.prompts(contents, chosen) if chosen else empty
    yield _page("prompts.html", "prompts.html", first)
    for baseline in contents.effects:
        values = overviews.prompts(contents, baseline)
        yield _page(baseline_page(baseline), "prompts.html", values)


def _systems(contents: Contents) -> Iterator[Page]:
    answered: dict[tuple[str, str], list[tuple[Task, Answer]]] = defaultdict(list)
    for task in contents.tasks:
        for answer in task.answers:
            answered[answer.model, answer.variant].append((task, answer))
    for system in contents.systems:
        cell = system.model, system.variant
        values = system_context(system, answered[cell], overviews.unranked(system.board))
        yield _page(system_page(*cell), "system.html", values)


def _answers(task: Task, model: str, answers: list[Answer]) -> Page:
    address = answers_page(task.row["task_id"], model)
    inputs = answers_inputs(task, model, answers)
    return Page(address, inputs, partial(_render_answers, address, inputs))


def _render_answers(address: str, inputs: dict[str, Any]) -> bytes:
    return render("answers.html", address, **answers_context(inputs))


def _page(address: str, template: str, values: dict[str, Any]) -> Page:
    return Page(address, values, partial(render, template, address, **values))
