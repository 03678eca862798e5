"""Mutation strength: whether the data variants tell small wrong changes to gold from gold."""

from darkwood_bench.tasks.mutation.equivalent import Equivalent, read_equivalents, wrongly_listed
from darkwood_bench.tasks.mutation.mutants import Mutant, mutants_of
from darkwood_bench.tasks.mutation.strength import Fate, Variants, fates, mutants_of_task

__all__ = [
    "Equivalent",
    "Fate",
    "Mutant",
    "Variants",
    "fates",
    "mutants_of",
    "mutants_of_task",
    "read_equivalents",
    "wrongly_listed",
]
