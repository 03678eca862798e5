"""Make a database's variants, and keep them as Parquet beside it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from darkwood_bench.identity import content_hash, content_id, file_hash
from darkwood_bench.tasks.databases import write_atomically
from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.laws import in_range
from darkwood_bench.tasks.schema import Schema, TableRules
from darkwood_bench.tasks.schema_check import schema_of
from darkwood_bench.tasks.task import Suite
from darkwood_bench.tasks.variants.mixing import mixed
from darkwood_bench.tasks.variants.order import parents_first
from darkwood_bench.tasks.variants.pools import (
    Pool,
    TaskMentions,
    pools_of,
    read_mentions,
    wanted_rows,
)
from darkwood_bench.tasks.variants.recipes import RECIPES, Recipe
from darkwood_bench.tasks.variants.references import (
    Meeting,
    focus_of,
    meets,
    rekeyed,
    rereferred,
)
from darkwood_bench.tasks.variants.repair import repair
from darkwood_bench.tasks.variants.sampling import Frames, sample

VERSION = "variants 4"
"""Raise it with every change that changes a value: built variants are found by it."""


def build_variants(
    suite: Suite, tables: Mapping[str, Path], cache: Path
) -> Mapping[str, Mapping[str, Path]]:
    """Variant name -> table name -> Parquet file, built on first use beside the base.

    `tables` are the suite's own, as `build_database` gives them. The folder's name is the hash of
    all that the variants are made from: the tables, their schema, the constants that the tasks
    hold against columns, and the recipes. Equal in dtypes and column order to the base, table for
    table; deterministic.
    Raises TaskBankError for a schema.yaml that is wrong.
    """
    schema = schema_of(suite, tables)
    frames = {name: pl.read_parquet(path) for name, path in tables.items()}
    mentions = read_mentions(suite.tasks, frames)
    identity = content_id(
        {
            "version": VERSION,
            "tables": {name: file_hash(path) for name, path in tables.items()},
            "schema": schema.model_dump_json(),
            "mentions": sorted(str(sorted(map(str, found))) for found in mentions.values()),
            "recipes": [asdict(recipe) for recipe in RECIPES],
        }
    )
    target = cache / "databases" / f"{suite.database.name}-variants-{identity}"

    def write(into: Path) -> None:
        for name, variant in make_variants(frames, schema, mentions).items():
            (into / name).mkdir()
            for table, frame in variant.items():
                frame.write_parquet(into / name / f"{table}.parquet")

    if not target.is_dir():
        write_atomically(target, write)
    return {
        recipe.name: {table: target / recipe.name / f"{table}.parquet" for table in tables}
        for recipe in RECIPES
    }


def make_variants(
    frames: Frames, schema: Schema, mentions: TaskMentions
) -> dict[str, dict[str, pl.DataFrame]]:
    """Every variant of some tables, by name."""
    frames = repair(
        {name: _in_ranges(f, schema.tables[name]) for name, f in frames.items()}, schema
    )
    pools = {name: pools_of(name, frame, schema, mentions) for name, frame in frames.items()}
    wanted = {name: wanted_rows(frame, pools[name]) for name, frame in frames.items()}

    relevant = _relevant(schema, pools)

    def make(recipe: Recipe) -> dict[str, pl.DataFrame]:
        draws = Draws(int(content_hash([recipe.name, sorted(frames)])[:12], 16))
        small = sample(frames, schema, wanted, recipe.rows, draws)
        meeting: dict[str, Meeting] = {}
        for table in parents_first(schema):
            rules = schema.tables[table]
            if recipe.crowded:
                small[table] = rekeyed(small[table], rules, pools[table], draws)
            focus = focus_of(small[table].height, relevant[table], recipe, draws)
            small[table] = rereferred(
                table, small, frames[table], schema, meeting, focus, recipe, draws
            )
            small[table] = mixed(small[table], rules, pools[table], mentions, focus, recipe, draws)
            small = _emptied(small, table, schema, recipe)
            meeting[table] = meets(table, small, schema, pools[table], meeting)
        return repair(small, schema)

    return {recipe.name: make(recipe) for recipe in RECIPES}


def _relevant(schema: Schema, pools: Mapping[str, Mapping[str, Pool]]) -> dict[str, list[str]]:
    """By table, the tasks with constants for it or for the tables that it refers to, sorted."""
    found: dict[str, set[str]] = {}
    for table in parents_first(schema):
        found[table] = {
            task for pool in pools[table].values() for task in (*pool.equal, *pool.near)
        }
        for target in schema.tables[table].references.values():
            found[table] |= found.get(target.table, set())
    return {table: sorted(tasks) for table, tasks in found.items()}


def _in_ranges(frame: pl.DataFrame, rules: TableRules) -> pl.DataFrame:
    for column in rules.ranges:
        frame = frame.filter(in_range(frame[column], column, rules))
    return frame


def _emptied(
    frames: dict[str, pl.DataFrame], table: str, schema: Schema, recipe: Recipe
) -> dict[str, pl.DataFrame]:
    optional = [
        column in (*rules.nullable, *rules.dangling)
        for name, rules in schema.tables.items()
        for column, target in rules.references.items()
        if target.table == table != name
    ]
    empty = {
        "none": False,
        "all": True,
        "referring": bool(schema.tables[table].references),
        "optional": bool(optional) and all(optional),
    }[recipe.empty]
    return frames | {table: frames[table].clear()} if empty else frames
