"""`darkwood history`: every score that was made, so that two of them can be named."""

import json
from typing import Annotated, Any

import typer

from darkwood_bench.commands.terminal import compact_table, fail, known, out
from darkwood_bench.settings import settings_from_env


def history(
    model: Annotated[str | None, typer.Argument(help="Only this model's scores.")] = None,
    variant: Annotated[str | None, typer.Argument(help="Only this prompt variant's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """List every score that was made, oldest first, with the id that names it, the tasks that were
    asked, one by one or batched, and the most that an answer could cost.

    Example: `darkwood history qwen2.5-coder-0.5b few_shot`
    """
    from darkwood_bench.score_history import past_scores

    every = past_scores(settings_from_env().tables)
    if not every:
        fail("no score is kept yet; make one with `darkwood run --quick`")
    if model:
        known("scored model", [model], _values(every, "model"))
    of_model = [row for row in every if model in (None, row["model"])]
    if variant:
        known(f"score of {model} under", [variant], _values(of_model, "prompt_variant"))
    rows = [row for row in of_model if variant in (None, row["prompt_variant"])]
    if as_json:
        print(json.dumps(rows, indent=2, default=str, ensure_ascii=False))
        return
    table = compact_table()
    table.add_column("score_id", no_wrap=True)
    for name in ("scored\nat (UTC)", "model\nprompt variant", "slice\nmode\nlimits"):
        table.add_column(name, overflow="fold")
    for name in ("N of n", "T, s", "Score"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row["score_id"][:8],
            f"{row['scored_at']:%Y-%m-%d\n%H:%M}",
            f"{row['model']}\n{row['prompt_variant']}",
            "\n".join([row["slice"], row["mode"], *row["budgets"].split(", ")]),
            f"{row['N']} of {row['n_tasks']}",
            f"{row['T']:.1f}",
            "none" if row["score"] is None else f"{row['score']:.4f}",
        )
    out.print(table)
    out.print("Next: `darkwood compare A B`, `darkwood reproduce SCORE_ID`", highlight=False)


def _values(rows: list[dict[str, Any]], column: str) -> list[str]:
    return sorted({row[column] for row in rows})
