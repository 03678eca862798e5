"""The chat messages of one question under one variant."""

from collections.abc import Sequence
from dataclasses import replace

from darkwood_bench.prompting.compact import compact
from darkwood_bench.prompting.ending import ending_in_select
from darkwood_bench.prompting.notes import choose_notes
from darkwood_bench.prompting.question import Example, Question
from darkwood_bench.prompting.renaming import neutral
from darkwood_bench.prompting.schema import render_schema
from darkwood_bench.prompting.variants import Variant

Message = dict[str, str]
"""One chat turn: its role (system, user or assistant) and its content."""


def build_messages(
    variant: Variant, question: Question, examples: Sequence[Example]
) -> list[Message]:
    """System message, a user and an assistant turn an example, and the question last.

    What is the same for every question comes first, so that an engine reads it once: examples
    that all questions are shown before those that were chosen for this one, notes in its own turn.
    """
    shown = [_as_shown(variant, example) for example in examples]
    turns = [(_asked(variant, one.question), _answer(variant, one)) for one in shown]
    system, messages = variant.system, []
    if variant.examples is not None and variant.examples.place == "system":
        system = "\n\n".join([system, *(f"{asked}\n{answer}" for asked, answer in turns)])
    else:
        for asked, answer in turns:
            messages.append({"role": "user", "content": asked})
            messages.append({"role": "assistant", "content": answer})
    last = _asked(variant, question, choose_notes(variant.notes, question))
    return [{"role": "system", "content": system}, *messages, {"role": "user", "content": last}]


def _as_shown(variant: Variant, example: Example) -> Example:
    if variant.examples is None or variant.language == "sql":
        return example
    if variant.examples.ending == "select" and example.output_columns:
        example = replace(example, code=ending_in_select(example.code, example.output_columns))
    return neutral(example) if variant.examples.tables == "neutral" else example


def _asked(variant: Variant, question: Question, notes: Sequence[str] = ()) -> str:
    parts = [render_schema(question, variant.rendering), "\n".join(notes)]
    return "\n\n".join([*filter(None, parts), f"Question: {question.text}"])


def _answer(variant: Variant, example: Example) -> str:
    if variant.language == "sql":
        query = " ".join((example.sql or "").split())
        return f"```sql\n{query}\n```" if variant.answer == "fenced" else query
    code = example.code.strip()
    if variant.examples is not None and variant.examples.code == "compact":
        code = compact(code)
    return f"```python\n{code}\n```" if variant.answer == "fenced" else code
