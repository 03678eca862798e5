"""`darkwood compare`: two scores, task by task."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkwood_bench.commands.terminal import out
from darkwood_bench.settings import settings_from_env

if TYPE_CHECKING:
    from darkwood_bench.scoring import Comparison

REFERENCE = (
    "MODEL/VARIANT (its newest score), MODEL/VARIANT@previous, MODEL/VARIANT@2026-11-23 (the "
    "newest until then), or a score's id."
)
_SHOWN = 20
_ID_SHOWN = 12
"""Characters of a generation's id, enough to name it."""


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=REFERENCE)],
    b: Annotated[str, typer.Argument(metavar="B", help="The same, of what is compared with it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare two scores on the tasks that both were asked.

    Correctness by McNemar's exact test, Score and T by a paired bootstrap over databases; the
    tasks gained and lost; whatever the scores depend on and do not share. Examples:

      darkwood compare qwen2.5-coder-0.5b/schema qwen2.5-coder-0.5b/few_shot

      darkwood compare qwen2.5-coder-0.5b/few_shot@previous qwen2.5-coder-0.5b/few_shot
    """
    from darkwood_bench.score_history import find_score
    from darkwood_bench.scoring import compare_scores

    tables = settings_from_env().tables
    rows = find_score(tables, a), find_score(tables, b)
    found = compare_scores(*rows)
    if as_json:
        print(json.dumps(as_dict(found, *rows), indent=2, default=str, ensure_ascii=False))
    else:
        print_comparison(found, *rows)


def as_dict(found: "Comparison", a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """The comparison as a JSON value: the verdict, figures, and which scores they are of."""
    return {
        "verdict": found.verdict,
        "a": {name: a[name] for name in ("score_id", "model", "prompt_variant", "scored_at")},
        "b": {name: b[name] for name in ("score_id", "model", "prompt_variant", "scored_at")},
        **asdict(found),
    }


def print_comparison(found: "Comparison", a: Mapping[str, Any], b: Mapping[str, Any]) -> None:
    """Both scores, the verdict, what differs, and the tasks gained and lost."""
    for name, row in (("A", a), ("B", b)):
        out.print(
            f"[bold]{name}[/bold] {row['model']}/{row['prompt_variant']} {row['score_id'][:8]} "
            f"({row['scored_at']:%Y-%m-%d %H:%M} UTC): {row['N']} of {row['n_tasks']}, "
            f"T {row['T']:.1f} s, Score {_score(row)}",
            highlight=False,
            soft_wrap=True,
        )
    out.print(f"[bold]{found.verdict}[/bold]", highlight=False, soft_wrap=True)
    for name, (before, after) in found.differs.items():
        out.print(f"  {name}: {before} -> {after}", highlight=False, markup=False, soft_wrap=True)
    if found.only_a or found.only_b:
        out.print(f"  left out: {found.only_a} tasks only A was asked, {found.only_b} only B")
    _print_tasks("gained", found.gained, b)
    _print_tasks("lost", found.lost, b)


def _score(row: Mapping[str, Any]) -> str:
    return "none" if row["score"] is None else f"{row['score']:.4f}"


def _print_tasks(title: str, tasks: Sequence[str], b: Mapping[str, Any]) -> None:
    """The tasks, each with what shows B's answer to it: by its id, for the partition may hold other
    answers by now."""
    if not tasks:
        return
    answers = dict(zip(b["task_ids"], b["generation_ids"], strict=True))
    out.print(f"{title} ({len(tasks)}):")
    for task in tasks[:_SHOWN]:
        out.print(
            f"  darkwood trace {b['model']} {b['prompt_variant']} {task} "
            f"--generation {answers[task][:_ID_SHOWN]}",
            highlight=False,
            soft_wrap=True,
        )
    if len(tasks) > _SHOWN:
        out.print(f"  and {len(tasks) - _SHOWN} more (--json has all)")
