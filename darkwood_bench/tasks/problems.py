"""What pydantic finds wrong with a file of the bank, in the bank's own words."""

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Field = tuple[str | int, ...]


def problems(error: ValidationError, model: type[BaseModel]) -> list[tuple[Field, str]]:
    """Each field at fault with 'problem; fix', in the order of pydantic's findings."""
    return [_problem(found, model) for found in error.errors(include_url=False)]


def first_problem(error: ValidationError, model: type[BaseModel]) -> tuple[Field, str]:
    """The first of `problems`."""
    return problems(error, model)[0]


def _problem(found: ErrorDetails, model: type[BaseModel]) -> tuple[Field, str]:
    field = tuple(found["loc"])
    match found["type"]:
        case "missing":
            return field, "is missing; add it"
        case "extra_forbidden":
            known = difflib.get_close_matches(str(field[-1]), _fields(model), n=1)
            fix = f"did you mean '{known[0]}'?" if known else "remove it"
            return field, f"no such field; {fix}"
        case "value_error":  # our own validators say the fix themselves
            return field, found["msg"].removeprefix("Value error, ")
        case _:
            message = found["msg"][0].lower() + found["msg"][1:]
            return field, f"{message}, not {_short(found['input'])}; correct the value"


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """The names of a model's fields and of its nested models' fields."""
    names: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        names[name] = info
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            names |= _fields(info.annotation)
    return names


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
