"""Whether tables of one partition belong together.

Stages can be launched one by one, and two runs can write one partition. A stage that joins tables
refuses to mix what was made from different prompts, answers or data.
"""

from collections.abc import Callable

import polars as pl


class MixedTablesError(Exception):
    """Tables of one partition are from different runs; the message says which to make again."""


def require_same_answers(partition: str, generations: pl.DataFrame, later: pl.DataFrame) -> None:
    """Raise unless `later` has a row for just the answers, the last attempts, of `generations`."""
    answers = dict(generations.select("task_id", "generation_id").iter_rows())
    judged = dict(later.select("task_id", "generation_id").iter_rows())
    if answers != judged:
        raise MixedTablesError(
            f"{partition}: the generations were made again since; materialize executions, "
            "validations and scores after them (another run of this partition may be under way)"
        )


def require_same_prompts(partition: str, prompts: pl.DataFrame, generations: pl.DataFrame) -> None:
    """Raise unless every generation is of a prompt that the variant still gives."""
    old = generations.join(prompts, on=["task_id", "prompt_id"], how="anti")
    if not old.is_empty():
        raise MixedTablesError(
            f"{partition}: prompts of {', '.join(sorted(old['task_id'].unique()))} have changed "
            "since they were answered; materialize generations again"
        )


def require_same_data(
    partition: str, executions: pl.DataFrame, tables_hash: Callable[[str, str], str]
) -> None:
    """Raise unless the code ran over what the tables hold now: `tables_hash(suite, variant)`."""
    ran = executions.select("task_id", "data_variant", "tables_hash")
    for task_id, data_variant, ran_over in ran.iter_rows():
        if tables_hash(task_id.partition("/")[0], data_variant) != ran_over:
            raise MixedTablesError(
                f"{partition}: the tables of {task_id} have changed since its code ran; "
                "materialize executions again"
            )


def require_unedited(
    partition: str, prompts: pl.DataFrame, variant: str, now: str | None, registry: str
) -> None:
    """Raise unless the prompts were made by their variant as its registry has it now.

    `now` is the variant's hash, None where the registry has it no more.
    """
    if now is None:
        raise MixedTablesError(
            f"{partition}: {registry} was edited while the run was at work, and has no variant "
            f"'{variant}' any more; put it back, or run another one"
        )
    if any(made_by != now for made_by in prompts["prompt_variant_hash"].unique()):
        raise MixedTablesError(
            f"{partition}: the variant '{variant}' was edited in {registry} after its prompts were "
            "made; run again, and they are made anew (answers to prompts that stay are kept)"
        )
