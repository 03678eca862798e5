"""What a variant asks of a model, and what is done with its answer.

Said once, so that a system is the same whether it is measured or serves: the assets ask so, and so
does the copilot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from darkwood_bench.harness import Finishing, Vote
from darkwood_bench.harness.finishing import Check, Schemas
from darkwood_bench.harness.voting import Run
from darkwood_bench.prompting import (
    Example,
    Message,
    Question,
    Variant,
    build_messages,
    choose_examples,
    named_columns,
    polars_grammar,
    sql_grammar,
)


@dataclass(frozen=True)
class Asking:
    """One question as a model is asked it."""

    messages: list[Message]
    examples: tuple[Example, ...]
    grammar: str | None


def ask(variant: Variant, question: Question, pool: Sequence[Example]) -> Asking:
    """A question under a variant; `pool` holds the examples that it may be shown with.

    Raises VariantError where the pool has none that the variant wants.
    """
    examples = choose_examples(variant, pool, question)
    return Asking(
        build_messages(variant, question, examples), examples, _grammar(variant, question)
    )


def asker(variant: Variant, pool: Sequence[Example]) -> Callable[[Question], Asking]:
    """As `ask`, for one question after another: what all of them are shown is made once.

    Raises as `ask` does.
    """
    if variant.examples is not None and variant.examples.pick is not None:
        return lambda question: ask(variant, question, pool)
    examples = choose_examples(variant, pool)
    shared = build_messages(variant, Question("", "", {}), examples)[:-1]

    def ask_one(question: Question) -> Asking:
        own = build_messages(variant, question, ())[-1]
        return Asking([*shared, own], examples, _grammar(variant, question))

    return ask_one


def _grammar(variant: Variant, question: Question) -> str | None:
    match variant.grammar:
        case "polars":
            return polars_grammar(question.tables)
        case "sql":
            outputs: tuple[str, ...] = ()
            if variant.hold_outputs:
                columns = {name for table in question.tables.values() for name in table}
                outputs = named_columns(question.text, columns)
            return sql_grammar(question.tables, question.text, outputs)
    return None


def finishing(
    variant: Variant, schemas: Schemas, check: Check, run: Run | None = None
) -> Finishing | None:
    """What is done with an answer under a variant; None for nothing.

    `check` runs it over tables without rows, and `run` over the question's own, where the variant
    has that; where there is no `run`, there is one candidate and no vote.
    """
    vote = None
    if variant.vote is not None and run is not None:
        vote = Vote(variant.vote.candidates, variant.vote.temperature, run)
    mended = variant.static_repair or variant.repair_attempts or variant.language == "sql"
    if not mended and vote is None:
        return None
    return Finishing(
        schemas=schemas,
        language=variant.language,
        static_repair=variant.static_repair,
        check=check if variant.repair_attempts else None,
        attempts=variant.repair_attempts,
        vote=vote,
    )
