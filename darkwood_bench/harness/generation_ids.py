"""What a generation is named by: whatever could change its text or its time."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from darkwood_bench.harness.backends import Asked, Message, Mode
from darkwood_bench.harness.decoding import Decoding
from darkwood_bench.harness.finishing import Finishing
from darkwood_bench.identity import content_id, file_hash

REVISION = 4
"""Raised when a change here may change an answer or its time; journalled ones then expire."""


class Prompt(Protocol):
    """What is asked: a row of `tables.PROMPTS`, or what the prompting stage makes it from."""

    @property
    def prompt_id(self) -> str: ...
    @property
    def task_id(self) -> str: ...
    @property
    def messages(self) -> Sequence[Message]: ...
    @property
    def grammar(self) -> str | None: ...
    @property
    def asked(self) -> Asked | None: ...
    @property
    def finishing(self) -> Finishing | None: ...


def generation_id(
    *,
    prompt_id: str,
    weights_sha256: str,
    backend: str,
    device: str,
    decoding: Decoding,
    grammar: str | None = None,
    asked: Asked | None = None,
    finishing: Finishing | None = None,
    mode: Mode = "sequential",
    batch: str | None = None,
    repeat: int = 1,
) -> str:
    """The id of a first attempt.

    The device is in it because a time measured on another machine must not be reused; so is, in
    batched mode, what the batch was made of (`batch_id`), because its parts share one time.
    """
    return content_id(
        {
            "prompt_id": prompt_id,
            "weights_sha256": weights_sha256,
            "backend": backend,
            "harness": REVISION,
            "device": device,
            "decoding": decoding.row(),
            "grammar": grammar,
            "asked": _contents(asked) if asked else None,
            "mode": mode,
            "batch": batch,
            "finishing": finishing.row() if finishing else None,
            "repeat": repeat,
        }
    )


def follow_up_id(generation_id: str, messages: Sequence[Message]) -> str:
    """The id of a later attempt: of the one's before, and of what was said since."""
    return content_id({"previous": generation_id, "messages": [dict(turn) for turn in messages]})


def candidate_id(generation_id: str, candidate: int) -> str:
    """The id of a further candidate: of the one's before, whose first one's says how they vote."""
    return content_id({"previous": generation_id, "candidate": candidate})


def chosen_id(generation_id: str, candidate: int) -> str:
    """The id of the row that says which candidate was taken, after the last one's."""
    return content_id({"previous": generation_id, "chosen": candidate})


def batch_id(prompts: Iterable[Prompt]) -> str:
    """Names a set of prompts that are asked together, whatever their order."""
    return content_id(sorted({prompt.prompt_id for prompt in prompts}))


def _contents(asked: Asked) -> dict[str, Any]:
    tables = {name: _file_hash(table.path) for name, table in asked.tables.items()}
    return {"question": asked.question, "tables": tables}


@cache
def _file_hash(path: Path) -> str:
    return file_hash(path)
