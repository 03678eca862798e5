"""YAML with line numbers, so that an error can say where."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from darkwood_bench.tasks.errors import TaskBankError


def parse_yaml(path: Path) -> tuple[yaml.Node | None, Any]:
    """The file's node tree (None when it is empty) and its value.

    Raises TaskBankError, naming the line, for a file that is not YAML.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise TaskBankError(f"{path}:{line}: not YAML ({problem}); correct the syntax") from error


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
