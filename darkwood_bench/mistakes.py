"""What is wrong with a field that a person wrote, in the words of who reads it, and how to mend it.

Pydantic finds the mistakes and says them in terms of Python: 'Input should be a valid tuple'.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_KINDS = {
    "string": "a text; put it in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping of names to values",
    "model": "a mapping of fields to values",
    "date": "a date, such as 2026-11-23",
}
"""The kinds of value, by how the types of pydantic's findings begin."""
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_SHOWN = 40
"""Characters of a value that a message shows."""


def in_words(
    found: ErrorDetails, known: Collection[str] = (), shapes: Mapping[str, str] | None = None
) -> str:
    """'problem; fix' of one finding. The caller names file, entry and field before it.

    `known`: names of fields, of which the nearest is proposed for one that is not known; `shapes`:
    what a text that follows a regular expression is, by the expression.
    """
    kind, context = found["type"], found.get("ctx") or {}
    given = _short(found["input"])
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        name = str(found["loc"][-1])
        if name in known:
            return "no such field here; remove it"
        close = get_close_matches(name, known, n=1)
        fix = f"did you mean '{close[0]}'?" if close else "remove it"
        return f"no such field; {fix}"
    if kind == "value_error":  # our own validators say the fix themselves
        return found["msg"].removeprefix("Value error, ")
    if kind in ("literal_error", "enum"):
        return f"is {given}; give {context['expected']}"
    if kind in ("too_short", "string_too_short"):
        return "is empty; give at least one" if kind == "too_short" else "is empty; write something"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"is {given}; give {words} {context[name]:g}"
    if kind == "string_pattern_mismatch":
        shape = (shapes or {}).get(context["pattern"], f"a text like {context['pattern']}")
        return f"is {given}; give {shape}"
    if found["input"] is None:
        return "is empty; give it a value, or leave it out"
    for beginning, words in _KINDS.items():
        if kind.startswith(f"{beginning}_"):
            return f"is {given}; give {words}"
    return f"{found['msg'][0].lower()}{found['msg'][1:]}; correct it"  # rare: pydantic's own words


def field_names(*models: type[BaseModel]) -> set[str]:
    """The names in files of the fields of these models, and of all that are derived from them."""
    names: set[str] = set()
    for model in models:
        for name, info in model.model_fields.items():
            names.add(info.alias or name)
        names |= field_names(*model.__subclasses__())
    return names


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
