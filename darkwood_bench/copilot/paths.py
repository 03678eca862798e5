"""Errors without the paths of this machine."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from darkwood_bench.sandbox import Execution

_STEP = r"[^\s/'\"`<>|:;,()\[\]{}]"
_PATH = re.compile(rf"(?:file:)?(?<![\w.)\]*/])(?<!http:)(?<!https:)/+(?:{_STEP}+/+)+{_STEP}*")
"""Of two steps or more: a division has none before it, and a date begins with a digit."""


def without_paths(execution: Execution, code: str) -> Execution:
    """The same with its error's paths cut to their last names.

    Where this service is installed, and where the engine was built, is for nobody to know; what
    the program itself says, it may be told.
    """
    message = execution.error_message
    if message is None:
        return execution

    def named(match: re.Match[str]) -> str:
        path = match[0]
        return path if path in code else PurePosixPath(path).name

    return replace(execution, error_message=_PATH.sub(named, message))
