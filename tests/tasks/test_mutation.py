"""Mutants of gold code: each kind is made, runs, and is told from gold where the data can."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.settings import PROJECT
from darkwood_bench.tasks import Task, TaskBankError, load_suites
from darkwood_bench.tasks.gold_here import GoldHere
from darkwood_bench.tasks.mutation import (
    Equivalent,
    Fate,
    Mutant,
    fates,
    mutants_of,
    read_equivalents,
    wrongly_listed,
)
from darkwood_bench.tasks.mutation.laws import Laws
from darkwood_bench.tasks.schema import Schema

SCHEMA = Schema.model_validate(
    {
        "tables": {
            "pets": {
                "key": ["pet_id"],
                "nullable": ["kg", "vet_id"],
                "references": {"owner_id": "owners.owner_id", "vet_id": "owners.owner_id"},
            },
            "owners": {"key": ["owner_id"]},
        }
    }
)
COLUMNS = {
    "pets": {
        "pet_id": "Int64",
        "name": "String",
        "kind": "String",
        "kg": "Float64",
        "owner_id": "Int64",
        "vet_id": "Int64",
    },
    "owners": {"owner_id": "Int64", "town": "String"},
}
LAWS = Laws(SCHEMA.tables, {name: list(columns) for name, columns in COLUMNS.items()})


def codes(gold: str) -> dict[str, str]:
    return {mutant.name: mutant.code for mutant in mutants_of(gold, COLUMNS, LAWS)}


@pytest.mark.parametrize(
    ("gold", "mutant"),
    [
        ('result = pets.filter(pl.col("kg") > 3)', "result = pets"),
        ('result = pets.filter(pl.col("kg") > 3)', 'result = pets.filter(pl.col("kg") >= 3)'),
        ('result = pets.filter(pl.col("kg") > 3)', 'result = pets.filter(pl.col("kg") > 4)'),
        ('result = pets.filter(pl.col("kg") > -1)', 'result = pets.filter(pl.col("kg") > -2)'),
        (
            'result = pets.filter((pl.col("kg") > 3) & (pl.col("kind") == "dog"))',
            'result = pets.filter((pl.col("kind") == "dog"))',
        ),
        (
            'result = pets.filter((pl.col("kg") > 3) & (pl.col("kind") == "dog"))',
            'result = pets.filter(((pl.col("kg") > 3) | (pl.col("kind") == "dog")))',
        ),
        (
            'result = pets.filter(pl.col("kg") > 3, pl.col("kind") == "dog")',
            'result = pets.filter(pl.col("kind") == "dog")',
        ),
        ('result = pets.filter(~(pl.col("kg") > 3))', 'result = pets.filter((pl.col("kg") > 3))'),
        (
            'result = pets.filter(pl.col("kind") == "dog")',
            "result = pets.filter(pl.col(\"kind\") == 'DOG')",
        ),
        (
            'result = pets.filter(pl.col("name") == "é", pl.col("kind") == "dog")',
            'result = pets.filter(pl.col("name") == "é", pl.col("kind") == \'DOG\')',
        ),
        (
            'result = pets.group_by("kind", "name").agg(n=pl.len())',
            'result = pets.group_by("name").agg(n=pl.len())',
        ),
        (
            'result = pets.group_by("kind").agg(pl.col("kg").sum())',
            'result = pets.group_by("kind").agg(pl.col("kg").mean())',
        ),
        ('result = pets.sort("kg").head(3)', 'result = pets.sort("kg").tail(3)'),
        ('result = pets.sort("kg").head(3)', "result = pets.head(3)"),
        ('result = pets.sort("kg").head(3)', 'result = pets.sort("kg").head(2)'),
        ('result = pets.sort("kg").head(3)', 'result = pets.sort("kg", descending=True).head(3)'),
        ('result = pets.sort("kg").head(3)', 'result = pets.sort("kg", nulls_last=True).head(3)'),
        (
            'result = pets.sort("kg", "name", descending=[True, False])',
            'result = pets.sort("kg", "name", descending=[True, True])',
        ),
        (
            'result = pets.join(owners, on="owner_id", how="semi")',
            'result = pets.join(owners, on="owner_id", how="anti")',
        ),
        (
            'result = pets.join(owners, left_on="vet_id", right_on="owner_id")',
            'result = pets.join(owners, left_on="vet_id", right_on="owner_id", how="left")',
        ),
        (
            'result = pets.select(pl.col("name").str.strip_chars().str.to_lowercase())',
            'result = pets.select(pl.col("name").str.to_lowercase())',
        ),
        (
            'result = pets.select(pl.col("name").str.strip_chars().str.to_lowercase())',
            'result = pets.select(pl.col("kind").str.strip_chars().str.to_lowercase())',
        ),
        (
            'result = pets.select(x=(pl.col("kg") * 2).cast(pl.Int64))',
            'result = pets.select(x=(pl.col("kg") * 2))',
        ),
        (
            'result = pets.select(pl.col("kg").rank("min").over("kind", "name"))',
            'result = pets.select(pl.col("kg").rank("min").over("name"))',
        ),
        (
            'result = pets.select(pl.col("kg").rank(method="min"))',
            'result = pets.select(pl.col("kg").rank(method="dense"))',
        ),
        (
            'result = pets.filter(pl.col("kg").is_between(1, 5))',
            'result = pets.filter(pl.col("kg").is_between(1, 5, closed="left"))',
        ),
        (
            'result = pets.filter(pl.col("kind").is_in(["dog", "cat"]))',
            'result = pets.filter(pl.col("kind").is_in(["cat"]))',
        ),
        (
            'result = pets.select(x=pl.when(pl.col("kg") > 3).then(1).otherwise(pl.col("kg")))',
            'result = pets.select(x=pl.when(pl.col("kg") > 3).then(pl.col("kg")).otherwise(1))',
        ),
    ],
)
def test_kinds_of_mutants(gold: str, mutant: str) -> None:
    assert mutant in codes(gold).values()


@pytest.mark.parametrize(
    "gold",
    [
        # A pet's owner is always there, and a key is never null.
        'result = pets.join(owners, on="owner_id")',
        'result = pets.sort("pet_id")',
    ],
)
def test_what_the_laws_make_no_change_is_no_mutant(gold: str) -> None:
    found = codes(gold).values()
    assert not any("nulls_last" in code or "nulls_equal" in code for code in found)
    assert not any('how="left"' in code for code in found)


def test_every_mutant_of_the_bank_is_a_program_of_its_own_name() -> None:
    suites = {suite.name: suite for suite in load_suites(PROJECT / "datasets")}
    for suite in suites.values():
        for task in suite.tasks:
            laws = Laws({}, {})
            found = mutants_of(task.gold_code, {}, laws)
            assert len({mutant.name for mutant in found}) == len(found)
            assert len({mutant.code for mutant in found} | {task.gold_code}) == len(found) + 1
            for mutant in found:
                assert mutant.diff(task.gold_code)


def task(gold_code: str) -> Task:
    return Task(
        task_id="mine/one",
        suite="mine",
        database="mine",
        split="test",
        question="?",
        tables=("pets",),
        output_columns=("name",),
        order_by=(),
        category="filters",
        difficulty=1,
        gold_code=gold_code,
        oracle_sql="SELECT 1",
        source="here:1",
    )


def run(codes: Sequence[str], tables: Mapping[str, Path]) -> Iterator[pl.DataFrame | Exception]:
    for code in codes:
        try:
            yield GoldHere().run(code, tables)
        except Exception as error:
            yield error


def compare(got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]) -> str | None:
    return None if got.equals(gold) else "other rows"


def test_fates(tmp_path: Path) -> None:
    variants = {}
    for name, weights in {"far": [1.0, 9.0], "near": [1.0, 3.0]}.items():
        path = tmp_path / f"{name}.parquet"
        pl.DataFrame({"name": ["a", "b"], "kg": weights}).write_parquet(path)
        variants[name] = {"pets": path}
    gold = 'result = pets.filter(pl.col("kg") > 3).select("name")'
    mutants = [
        Mutant("told by the first", gold.replace(">", "<")),
        Mutant("told by the second", gold.replace(">", ">=")),
        Mutant("fails", gold.replace("filter", "filtered")),
        Mutant("the same", gold.replace("> 3", "> 3.0")),
    ]
    found = fates(task(gold), variants, run, compare, mutants)
    assert [fate.killed_by for fate in found] == ["far", "near", "far", None]
    with pytest.raises(AttributeError):
        fates(task("result = pets.nothing()"), variants, run, compare, mutants)


def test_the_list_of_equivalents_is_held_against_what_was_found(tmp_path: Path) -> None:
    assert read_equivalents(tmp_path) == ()
    text = "- task: one\n  mutant: 'a: b -> c'\n  why: the column is never null\n"
    (tmp_path / "equivalent.yaml").write_text(text)
    (entry,) = read_equivalents(tmp_path)
    assert entry == Equivalent(task="one", mutant="a: b -> c", why="the column is never null")
    alive, dead = Fate(Mutant("a: b -> c", ""), None), Fate(Mutant("a: b -> c", ""), "ties")
    other = Fate(Mutant("x: y -> z", ""), None)
    assert wrongly_listed("mine", [entry], {"mine/one": [alive, other]}) == []
    (told,) = wrongly_listed("mine", [entry], {"mine/one": [dead]})
    assert "is told from gold by ties" in told
    (unknown,) = wrongly_listed("mine", [entry], {"mine/one": [other]})
    assert "is no mutant" in unknown
    assert wrongly_listed("mine", [entry], {"mine/two": [other]}) == []
    (tmp_path / "equivalent.yaml").write_text(text.replace("why", "because"))
    with pytest.raises(TaskBankError, match=r"equivalent\.yaml:1: 0\.why: is missing"):
        read_equivalents(tmp_path)
