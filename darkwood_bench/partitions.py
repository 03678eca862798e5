"""The grid: one partition for each model and prompt variant of the registries.

Dagster's grid is full. `pairing` says which of its cells are asked: a stage refuses the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import dagster as dg

from darkwood_bench.harness import load_models
from darkwood_bench.pairing import grid_variants
from darkwood_bench.prompting import load_variants
from darkwood_bench.settings import Settings, settings_from_env

POOL = "gpu"
"""One place wide, held by every stage that is timed or that loads the processors: a generation
beside another, or beside a sandbox at work, would have a T that is not its own. On a cluster it is
wide, for there a run has its node's processors to itself."""
BOARD_POOL = "board"
"""One place wide everywhere: the board is one file for all runs."""


class Cell(NamedTuple):
    """One partition."""

    model: str
    variant: str

    def __str__(self) -> str:
        return f"{self.model}|{self.variant}"


def grid_of(settings: Settings) -> dg.MultiPartitionsDefinition:
    """The grid of the registry files; raises their errors."""
    models = load_models(settings.models)
    variants = grid_variants(models, load_variants(settings.variants))
    return dg.MultiPartitionsDefinition(
        {
            "model": dg.StaticPartitionsDefinition(list(models)),
            "prompt_variant": dg.StaticPartitionsDefinition(variants),
        }
    )


GRID = grid_of(settings_from_env())


def cells(context: dg.AssetExecutionContext) -> dict[str, Cell]:
    """The partitions of this run by key, in the grid's order: one, or a range of them."""
    return {key: cell_of(key) for key in context.partition_keys}


def cell_of(key: str) -> Cell:
    """Model and variant of a partition key.

    A run that is launched with a tag alone gives a plain string, so the key is always parsed.
    """
    dimensions = GRID.get_partition_key_from_str(key).keys_by_dimension
    return Cell(dimensions["model"], dimensions["prompt_variant"])


def by_model(partitions: Iterable[Cell]) -> dict[str, list[Cell]]:
    """Partitions grouped by model, so that its weights are loaded once."""
    groups: dict[str, list[Cell]] = {}
    for cell in partitions:
        groups.setdefault(cell.model, []).append(cell)
    return groups


def range_tags(first: Cell, last: Cell) -> dict[str, str]:
    """Run tags for every variant from one to another, of one model, in a single run."""
    return {
        "dagster/asset_partition_range_start": str(first),
        "dagster/asset_partition_range_end": str(last),
    }


def cells_of_tags(tags: Mapping[str, str]) -> list[Cell]:
    """The partitions that a run was launched for, by its tags; none for a run without any."""
    first = tags.get("dagster/asset_partition_range_start", tags.get("dagster/partition"))
    last = tags.get("dagster/asset_partition_range_end", first)
    if first is None or last is None:
        return []
    keys = GRID.get_partition_keys_in_range(dg.PartitionKeyRange(first, last))
    return [cell_of(key) for key in keys]


def contiguous(chosen: Sequence[str], order: Sequence[str]) -> list[tuple[str, str]]:
    """The fewest (first, last) ranges of `order` that hold exactly the chosen names."""
    ranges: list[tuple[str, str]] = []
    previous = None
    for index, name in enumerate(order):
        if name not in chosen:
            continue
        if previous is not None and previous == index - 1:
            ranges[-1] = (ranges[-1][0], name)
        else:
            ranges.append((name, name))
        previous = index
    return ranges
