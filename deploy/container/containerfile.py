"""Reads a Containerfile: as much of the format as ours uses, and an error for anything else."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

KNOWN = {
    "ARG", "FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
    "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class ContainerfileError(ValueError):
    """A line cannot be read; the message names it."""


@dataclass(frozen=True)
class Step:
    """One instruction."""

    word: str
    text: str
    """What follows the word, on one line, variables filled in."""

    def items(self) -> list[str]:
        """The text as a JSON array, or as words of a shell."""
        if self.text.startswith("["):
            return [str(item) for item in json.loads(self.text)]
        return shlex.split(self.text)


@dataclass
class Stage:
    """What FROM begins."""

    name: str
    parent: str
    """An earlier stage, or an image."""
    steps: list[Step] = field(default_factory=list)


def parse(text: str, arguments: Mapping[str, str] | None = None) -> list[Stage]:
    """The stages in their order. `arguments` stand in place of ARG's defaults.

    Raises ContainerfileError for an instruction that is not understood.
    """
    known: dict[str, str] = {}
    stages: list[Stage] = []
    for line in _joined(text):
        word, _, rest = line.partition(" ")
        rest = _filled(rest.strip(), known)
        if word not in KNOWN:
            raise ContainerfileError(f"{line!r}: {word} is not known here")
        if word == "ARG":
            name, _, default = rest.partition("=")
            known[name] = (arguments or {}).get(name, default)
        elif word == "FROM":
            parts = rest.split()
            if len(parts) != 3 or parts[1] != "AS":
                raise ContainerfileError(f"{line!r}: wants FROM IMAGE AS NAME")
            stages.append(Stage(parts[2], parts[0]))
        elif not stages:
            raise ContainerfileError(f"{line!r}: comes before the first FROM")
        else:
            stages[-1].steps.append(Step(word, rest))
    return stages


def needed(stages: list[Stage], target: str) -> list[Stage]:
    """The target and the stages that it is made of, in their order.

    Raises ContainerfileError where there is no such stage.
    """
    named = {stage.name: stage for stage in stages}
    if target not in named:
        raise ContainerfileError(f"no stage {target!r}; there are {', '.join(named)}")
    wanted, waiting = set[str](), [target]
    while waiting:
        name = waiting.pop()
        if name in named and name not in wanted:
            wanted.add(name)
            waiting.append(named[name].parent)
            waiting += [copied_from(step) or "" for step in named[name].steps]
    return [stage for stage in stages if stage.name in wanted]


def copied_from(step: Step) -> str | None:
    """The stage that a COPY takes from; None where it takes from the context."""
    match = re.match(r"--from=(\S+)", step.text) if step.word == "COPY" else None
    return match[1] if match else None


def environment(step: Step) -> dict[str, str]:
    """What an ENV sets."""
    return dict(item.split("=", 1) for item in shlex.split(step.text))


def _filled(text: str, known: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ContainerfileError(f"{text!r}: no ARG {match[1]}")
        return known[match[1]]

    return _VARIABLE.sub(value, text)


def _joined(text: str) -> list[str]:
    """Lines without comments, each with what its backslashes go on to."""
    lines: list[str] = []
    going_on = False
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        body = line.removesuffix("\\").strip()
        if going_on:
            lines[-1] += f" {body}"
        else:
            lines.append(body)
        going_on = line.endswith("\\")
    return lines
