"""Reading a suite's files: UTF-8 text, and YAML with the line that each field is on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from darkwood_bench.tasks.errors import TaskBankError


def read_text(path: Path) -> str:
    """The file's text. Raises TaskBankError, naming the line, for bytes that are not UTF-8."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TaskBankError(f"{path}:{line}: text: not UTF-8; save the file as UTF-8") from error


def parse_yaml(path: Path) -> tuple[yaml.Node | None, Any]:
    """The file's node tree (None when it is empty) and its value.

    Raises TaskBankError, naming the line, for a file that is not YAML.
    """
    text = read_text(path)
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that no calendar has
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise TaskBankError(
            f"{path}:{line}: suite: not YAML ({problem}); correct the syntax"
        ) from error


def line_of(node: yaml.Node | None, field: Sequence[str | int]) -> int:
    """The line (from 1) of a nested field, or of the innermost of its parents that is there."""
    if node is None:
        return 1
    line = node.start_mark.line + 1
    for step in field:
        child = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == step:
                    line, child = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            child = node.value[step]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return line
