"""Prompts to ask models."""

from collections.abc import Sequence
from dataclasses import dataclass

from darkwood_bench.identity import content_id


@dataclass(frozen=True)
class Asked:
    """A prompt as the pipeline hands it over."""

    prompt_id: str
    task_id: str
    messages: Sequence[dict[str, str]]


def asked(question: str, task_id: str = "cards/a-task") -> Asked:
    """One user message."""
    messages = [{"role": "user", "content": question}]
    return Asked(content_id(messages), task_id, messages)
