"""The chat messages of one question under one variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from darkwood_bench.prompting.schema import TableSchema, render_schema
from darkwood_bench.prompting.variants import Variant

Message = dict[str, str]
"""One chat turn: its role (system, user or assistant) and its content."""


@dataclass(frozen=True)
class Question:
    """A request over tables whose columns are known."""

    task_id: str
    text: str
    tables: Mapping[str, TableSchema]


@dataclass(frozen=True)
class Example:
    """A question with its right answer, to be shown as a worked example."""

    question: Question
    code: str
    category: str
    suite: str


def build_messages(
    variant: Variant, question: Question, examples: Sequence[Example]
) -> list[Message]:
    """System message, a user and an assistant turn an example, and the question last.

    What is the same for every question comes first, so that an engine reads it once.
    """
    messages: list[Message] = [{"role": "system", "content": variant.system}]
    for example in examples:
        messages.append({"role": "user", "content": _user_turn(variant, example.question)})
        messages.append({"role": "assistant", "content": f"```python\n{example.code.strip()}\n```"})
    messages.append({"role": "user", "content": _user_turn(variant, question)})
    return messages


def _user_turn(variant: Variant, question: Question) -> str:
    return f"{render_schema(question.tables, variant.schema_style)}\n\nQuestion: {question.text}"
