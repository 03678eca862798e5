"""equivalent.yaml: mutants that no lawful data can tell from gold, each with why."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.mutation.strength import Fate
from darkwood_bench.tasks.problems import first_problem
from darkwood_bench.tasks.reading import line_of, parse_yaml

EQUIVALENT_FILE = "equivalent.yaml"


class Equivalent(BaseModel):
    """A mutant that means what gold means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    """The task's name within its suite."""
    mutant: str
    """The mutant's name, as the report shows it."""
    why: str = Field(min_length=10)
    """Why no data that keeps to the schema can tell it from gold."""


def read_equivalents(folder: Path) -> tuple[Equivalent, ...]:
    """The list of a suite; empty where there is none.

    Raises TaskBankError, as 'file:line: field: problem; fix', for the first thing that is wrong.
    """
    path = folder / EQUIVALENT_FILE
    if not path.is_file():
        return ()
    node, value = parse_yaml(path)
    try:
        return TypeAdapter(tuple[Equivalent, ...]).validate_python(value or ())
    except ValidationError as error:
        field, problem = first_problem(error, Equivalent)
        name = ".".join(map(str, field)) or "list"
        raise TaskBankError(f"{path}:{line_of(node, field)}: {name}: {problem}") from error


def wrongly_listed(
    suite: str, listed: Sequence[Equivalent], found: Mapping[str, Sequence[Fate]]
) -> list[str]:
    """One line for each listed mutant of the tried tasks that is dead, or is none.

    `found`: by task id, all fates of that task's mutants.
    """
    problems = []
    for entry in listed:
        task_id = f"{suite}/{entry.task}"
        if task_id not in found:
            continue
        fate = next((fate for fate in found[task_id] if fate.mutant.name == entry.mutant), None)
        where = f"{suite}/{EQUIVALENT_FILE}: {entry.task}: '{entry.mutant}'"
        if fate is None:
            problems.append(f"{where} is no mutant of its gold; take it out")
        elif fate.killed_by is not None:
            problems.append(f"{where} is told from gold by {fate.killed_by}; take it out")
    return problems
