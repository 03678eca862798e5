"""A bank of many small questions, and models whose answers a test writes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg

from darkwood_bench.launch import open_instance
from darkwood_bench.partitions import Cell
from darkwood_bench.resources import Bench

MODELS = ("script", "slow")
VARIANTS = ("minimal", "schema")
TASKS = 24


@dataclass(frozen=True)
class Herd:
    """A folder with the suite `herd` and a registry of scripted models."""

    folder: Path

    @property
    def datasets(self) -> Path:
        return self.folder / "bank"

    @property
    def registry(self) -> Path:
        return self.folder / "models.yaml"

    def answers(self, model: str, wrong: set[int], delays_s: Iterable[float]) -> None:
        """What a model answers from now on: which tasks wrongly, and after how long."""
        entries = [
            {
                "match": f"heavier than {n} kg",
                "text": f'result = animals.filter(pl.col("weight_kg") {"<" if n in wrong else ">"}'
                f' {n}).select("name")',
                "delay_s": round(float(delay_s), 4),
            }
            for n, delay_s in zip(range(TASKS), delays_s, strict=True)
        ]
        (self.folder / f"{model}.yaml").write_text(json.dumps({"answers": entries}))

    def broken(self, model: str) -> None:
        """A model that cannot answer from now on."""
        (self.folder / f"{model}.yaml").write_text("answers: nothing")


def make_herd(folder: Path, models: Sequence[str] = MODELS) -> Herd:
    """Write the suite and the registry; the answers are for the test to write."""
    herd = folder / "bank" / "herd"
    (herd / "tables").mkdir(parents=True)
    names = (f"n{kg},{kg}.5" for kg in range(-1, TASKS + 1))
    (herd / "tables" / "animals.csv").write_text("\n".join(["name,weight_kg", *names]) + "\n")
    (herd / "suite.yaml").write_text(
        "name: herd\ntitle: animals by weight\nlicence: Apache-2.0\n"
        "database: {name: herd, kind: files, parameters: {path: tables}}\n"
        "tasks: {test: tasks.jsonl, examples: examples.jsonl}\n"
    )
    tasks = [
        {
            "name": f"over-{n}",
            "question": f"Which animals are heavier than {n} kg? Give name.",
            "category": "filters",
            "difficulty": 1,
            "tables": ["animals"],
            "output_columns": ["name"],
            "order_by": [],
            "gold_code": f'result = animals.filter(pl.col("weight_kg") > {n}).select("name")',
            "oracle_sql": f"SELECT name FROM animals WHERE weight_kg > {n}",
        }
        for n in range(TASKS + 1)
    ]
    (herd / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks[:TASKS]))
    (herd / "examples.jsonl").write_text(json.dumps(tasks[TASKS]) + "\n")
    entries = {
        model: {
            "title": "t",
            "default": model == models[0],
            "backend": "scripted",
            "file": f"{model}.yaml",
            "sources": [{"local": f"{model}.yaml"}],
        }
        for model in models
    }
    made = Herd(folder)
    made.registry.write_text(json.dumps({"models": entries}))
    return made


@dataclass(frozen=True)
class World:
    """The herd, and a Dagster home in which it is asked."""

    herd: Herd
    bench: Bench
    instance: dg.DagsterInstance

    def checks(self) -> dict[str, bool]:
        """The newest result of the check `no_regression` for each partition that has one."""
        key = dg.AssetCheckKey(dg.AssetKey("scores"), "no_regression")
        found: dict[str, bool] = {}
        for record in self.instance.event_log_storage.get_asset_check_execution_history(key, 100):
            event = record.event.dagster_event if record.event else None
            if event is not None:
                evaluation = event.asset_check_evaluation_data
                found.setdefault(evaluation.partition or "", evaluation.passed)
        return found


EVERY_CELL = [Cell(model, variant) for model in MODELS for variant in VARIANTS]


@contextmanager
def open_world(bench: Bench, folder: Path) -> Iterator[World]:
    """The herd in a folder, in the home of a bench."""
    herd = make_herd(folder)
    settings = replace(bench.settings, datasets=herd.datasets, models=(herd.registry,))
    with open_instance(bench) as instance:
        yield World(herd, Bench(settings), instance)
