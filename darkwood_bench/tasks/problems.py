"""What pydantic finds wrong with a file of the bank, field by field."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from darkwood_bench.mistakes import in_words

Field = tuple[str | int, ...]


def problems(error: ValidationError, model: type[BaseModel]) -> list[tuple[Field, str]]:
    """Each field at fault with 'problem; fix', in the order of pydantic's findings."""
    known = _fields(model)
    return [(tuple(found["loc"]), in_words(found, known)) for found in error.errors()]


def first_problem(error: ValidationError, model: type[BaseModel]) -> tuple[Field, str]:
    """The first of `problems`."""
    return problems(error, model)[0]


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """The names of a model's fields and of its nested models' fields."""
    names: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        names[name] = info
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            names |= _fields(info.annotation)
    return names
