"""Where growth bends: executions against nodes, store and board against partitions and tasks.

    python benchmarks/scale.py nodes                  # executions/s on 1, 2 and 4 nodes of Ray
    python benchmarks/scale.py board                  # leaderboard and store, to 2,000 partitions
    python benchmarks/scale.py board-tasks            # the same of 100, to 10,000 tasks
    python benchmarks/scale.py tasks                  # one partition, to 10,000 tasks
    python benchmarks/scale.py plan                   # a night of 10,000 partitions, from figures

`nodes` starts raylets on this machine, one program at once each: with more nodes than cores the
cores are the bound, and what it shows is what the way over Ray costs, beside the sandbox without
Ray in the same round. The programs are the scripted gold answers of the suite cards, each made
distinct, over the base data and every data variant. `board` and `tasks` fill the tables of one
partition with as many answers as asked for, through the same functions that the assets call.
Rates and seconds are this machine's; take the ratios.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import polars as pl
import psutil
from upath import UPath

from darkwood_bench.assets.bank import open_bank
from darkwood_bench.cores import usable_cores
from darkwood_bench.identity import content_id
from darkwood_bench.sandbox import HERE, ExecutionJob, Limits, Runner
from darkwood_bench.scoring import Answer, Costs, Provenance, leaderboard_rows, score_rows
from darkwood_bench.settings import PROJECT, settings_from_env
from darkwood_bench.shared_journal import SharedJournal
from darkwood_bench.storage import write_whole
from darkwood_bench.tables import EXECUTIONS, GENERATIONS, LEADERBOARD, SCORES, VALIDATIONS, Table

SUITE = "cards"
DATABASES = 10
CATEGORIES = 8
CODE_CHARACTERS = 220
"""Of an answer: about the mean of real ones on the test split."""


def main() -> None:
    """Run the part that was asked for and print its figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=["nodes", "board", "board-tasks", "tasks", "plan"])
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--programs", type=int, default=600, help="executions a round")
    parser.add_argument("--partitions", type=int, nargs="+", default=[20, 100, 500, 2000])
    parser.add_argument("--tasks", type=int, nargs="+", default=[150, 1000, 10_000])
    parser.add_argument("--json", action="store_true", help="print the plan's figures as JSON")
    options = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.2f}, {usable_cores()} processors", flush=True)
    match options.part:
        case "nodes":
            nodes(options.nodes, options.rounds, options.programs)
        case "board":
            print(BOARD_HEADER)
            board(options.partitions, options.tasks[0])
        case "board-tasks":
            print(BOARD_HEADER)
            for count in options.tasks:
                board([PARTITIONS_OF_TASKS], count)
        case "tasks":
            tasks(options.tasks)
        case "plan":
            print_plan(as_json=options.json)


# Executions against nodes.


def nodes(counts: Sequence[int], rounds: int, programs: int) -> None:
    """Executions a second over each number of nodes, turn by turn, and without Ray."""
    # The tests' own cluster: a raylet a node, and nothing shared but the machine.
    sys.path.insert(0, str(PROJECT / "tests" / "servers"))
    from free_port import free_port
    from ray_cluster import QUIET, ray_cluster

    os.environ |= QUIET
    port = free_port()
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with ray_cluster(port, paths) as cluster:
        os.environ["RAY_ADDRESS"] = cluster.address
        cluster.start_head()
        from darkwood_bench.cluster.executions import RayNodes

        for count in sorted(counts):
            for number in range(len(cluster.names), count + 1):  # the head is one of them
                cluster.start_node(f"node {number}", cpus=0, slots=1)
            ways: dict[str, Runner] = {"without Ray": HERE, f"{count} nodes": RayNodes()}
            rates: dict[str, list[float]] = {name: [] for name in ways}
            for number in range(rounds + 1):  # the first one warms up, and ships the tables
                for name, runner in ways.items():
                    rate = executed(runner, programs)
                    if number:
                        rates[name].append(rate)
            here, there = rates.values()
            ratios = sorted(other / one for one, other in zip(here, there, strict=True))
            print(
                f"{count} nodes: {median(there):6.1f} executions/s; without Ray "
                f"{median(here):6.1f}; ratio {median(ratios):.2f} ({ratios[0]:.2f} to "
                f"{ratios[-1]:.2f}, {rounds} pairs)",
                flush=True,
            )


def executed(runner: Runner, programs: int) -> float:
    """Executions a second of that many programs that never ran before."""
    jobs = distinct_jobs(programs)
    runner.levels("L1")  # connects, and asks the nodes
    began = time.monotonic()
    done = sum(execution.status == "ok" for _, execution in runner.run(jobs, Limits(), "L1"))
    seconds = time.monotonic() - began
    assert done == programs, f"{programs - done} programs failed"
    return programs / seconds


def distinct_jobs(count: int) -> dict[str, ExecutionJob]:
    """Gold answers of the suite, over the base data and its variants in turn."""
    bank = open_bank(settings_from_env(), lambda _: None)
    suite = bank.suites[SUITE]
    golds = [task for task in suite.tasks if task.split == "test"]
    variants = ["base", *bank.variants[SUITE]]
    jobs = {}
    for number in range(count):
        task, variant = golds[number % len(golds)], variants[number // len(golds) % len(variants)]
        row = {"suite": SUITE, "tables": task.tables}
        key = f"{uuid4().hex}"
        jobs[key] = ExecutionJob(
            key,
            f"{SUITE}/{number}",
            f"{task.gold_code}\n# {key}",
            bank.tables_of(row, variant),
            bank.tables_hash(SUITE, variant),
            variant,
        )
    return jobs


# The store and the board.


BOARD_HEADER = (
    f"{'tasks':>7} {'partitions':>10} {'scores MB':>10} {'read s':>8} {'rank s':>8} {'write s':>8} "
    f"{'memory MB':>12}"
)
PARTITIONS_OF_TASKS = 100
"""Of the board whose tasks grow."""


def board(partitions: Sequence[int], n_tasks: int) -> None:
    """Bytes of the tables, and seconds of reading all scores and ranking them."""
    with tempfile.TemporaryDirectory(prefix="darkwood-scale-") as folder:
        written = 0
        for count in sorted(partitions):
            while written < count:
                write_score(Path(folder), written, n_tasks)
                written += 1
            print(f"{n_tasks:7} {figures_of_board(Path(folder), count)}", flush=True)


def write_score(folder: Path, number: int, n_tasks: int) -> int:
    """One partition's scores as the asset writes them; returns the file's bytes."""
    path = UPath(folder / f"{number:05}.parquet")
    buffer = BytesIO()
    SCORES.frame(another(number, n_tasks)).write_parquet(buffer)
    write_whole(path, buffer.getvalue())
    return len(buffer.getvalue())


SCORED = 10
"""Partitions that are scored; the others are these with other names and ids, for scoring one takes
longer than all that is timed here."""


def another(number: int, n_tasks: int) -> list[dict[str, Any]]:
    """Score rows of a partition, with ids that no other has."""
    rows = scored_once(number % SCORED, n_tasks)
    draw = random.Random(number)
    ids = {task: f"{draw.getrandbits(64):016x}" for task in rows[0]["task_ids"]}
    codes = {task: f"{draw.getrandbits(64):016x}" for task in rows[0]["task_ids"]}
    return [
        {
            **row,
            "score_id": f"{draw.getrandbits(64):016x}",
            "model": f"model-{number // 10}",
            "prompt_variant": f"variant-{number % 10}",
            "generation_ids": [ids[task] for task in row["task_ids"]],
            "code_hashes": [codes[task] for task in row["task_ids"]],
        }
        for row in rows
    ]


@cache
def scored_once(number: int, n_tasks: int) -> list[dict[str, Any]]:
    """The same as `scored`."""
    return scored(number, n_tasks)


def figures_of_board(folder: Path, count: int) -> str:
    """One line: what the asset leaderboard does over that many partitions."""
    files = sorted(folder.iterdir())[:count]
    size = sum(file.stat().st_size for file in files)
    began = time.monotonic()
    frames = [pl.read_parquet(BytesIO(file.read_bytes())) for file in files]
    read = time.monotonic()
    whole = (frame.filter(pl.col("category") == "all") for frame in frames)
    frame = LEADERBOARD.frame(
        leaderboard_rows(row for each in whole for row in each.iter_rows(named=True))
    )
    ranked = time.monotonic()
    frame.write_parquet(BytesIO())
    ended = time.monotonic()
    memory = psutil.Process().memory_info().rss / 1e6
    return (
        f"{count:10} {size / 1e6:10.1f} {read - began:8.2f} {ranked - read:8.2f} "
        f"{ended - ranked:8.2f} {memory:12.0f}"
    )


def scored(number: int, n_tasks: int) -> list[dict[str, Any]]:
    """The score rows of a made-up partition: random verdicts and times."""
    draw = random.Random(number)
    answers = [
        Answer(
            task_id=f"suite{task % DATABASES}/task-{task}",
            database=f"database{task % DATABASES}",
            category=f"category{task % CATEGORIES}",
            difficulty=1 + task % 5,
            generation_id=content_id([number, task]),
            code_hash=content_id(["code", number, task]),
            correct=draw.random() < 0.4,
            correct_ignoring_names=True,
            correct_on_base=True,
            wall_s=draw.uniform(0.5, 5.0),
            verified=True,
        )
        for task in range(n_tasks)
    ]
    costs = Costs(1.0, 0, 1_000_000_000, 0.0)
    provenance = Provenance(
        model=f"model-{number // 10}",
        prompt_variant=f"variant-{number % 10}",
        slice="all",
        suites=tuple(f"suite{suite}" for suite in range(DATABASES)),
        backend="scripted 1",
        versions="{}",
        device="cpu",
        mode="sequential",
        budgets="600 s",
        isolation_level="L3",
        weights_sha256="0" * 64,
        prompt_variant_hash="0" * 16,
        dataset_hash="0" * 16,
        dagster_run_id=str(uuid4()),
    )
    return score_rows(answers, costs, provenance, datetime.now(UTC))


def tasks(counts: Sequence[int]) -> None:
    """One partition: its tables' bytes, and the seconds of scoring, writing and resuming it."""
    print(f"{'tasks':>7} {'score s':>8} {'journal MB':>10} {'resume s':>9}  bytes a task, by table")
    for count in counts:
        began = time.monotonic()
        rows = scored(0, count)
        score_s = time.monotonic() - began
        sizes = {"scores": len(parquet(SCORES, rows))}
        for table in (GENERATIONS, EXECUTIONS, VALIDATIONS):
            per_task = 12 if table is EXECUTIONS else 1  # the base data and eleven variants
            made = [filled(table, number) for number in range(count * per_task)]
            sizes[table.name] = len(parquet(table, made))
        with journal_of(count) as (megabytes, resume_s):
            shown = ", ".join(f"{name} {size / count:.0f}" for name, size in sizes.items())
            print(
                f"{count:7} {score_s:8.2f} {megabytes:10.2f} {resume_s:9.2f}  {shown}", flush=True
            )


@contextmanager
def journal_of(count: int) -> Iterator[tuple[float, float]]:
    """Megabytes of a shared journal of that many generations, and the seconds of opening it."""
    with tempfile.TemporaryDirectory(prefix="darkwood-scale-") as name:
        shared = UPath(Path(name) / "shared")
        with SharedJournal(Path(name) / "one", shared, "generation_id", 3600) as journal:
            # Not the disk's speed, row by row, but the store's.
            lines = [
                json.dumps(filled(GENERATIONS, number), default=str) for number in range(count)
            ]
            journal.path.write_text("\n".join(lines) + "\n")
        size = sum(file.stat().st_size for file in Path(name).rglob("*.parquet"))
        began = time.monotonic()
        with SharedJournal(Path(name) / "two", shared, "generation_id", 3600) as journal:
            resume_s = time.monotonic() - began
            assert len(journal.read()) == count
        yield size / 1e6, resume_s


def parquet(table: Table, rows: list[dict[str, Any]]) -> bytes:
    """A table's file."""
    buffer = BytesIO()
    table.frame(rows).write_parquet(buffer)
    return buffer.getvalue()


def filled(table: Table, number: int) -> dict[str, Any]:
    """A row with values of the right kind, ids and code that no other row has."""
    draw = random.Random(f"{table.name} {number}")
    words = [
        "pl.col",
        "filter",
        "select",
        "group_by",
        "agg",
        "sum",
        "alias",
        "sort",
        "join",
        "name",
    ]

    def value(name: str, dtype: Any) -> Any:
        column = table.columns[name]
        if column.allowed:
            return column.allowed[0]
        if name in ("raw_text", "code"):
            text = " ".join(draw.choice(words) + str(draw.randrange(99)) for _ in range(60))
            return text[:CODE_CHARACTERS]
        if name.endswith(("_id", "_hash", "sha256")):
            return f"{draw.getrandbits(64):016x}"
        if dtype == pl.String():
            return None if column.nullable else name
        if dtype == pl.Float64():
            return draw.random()
        if dtype == pl.Int64():
            return draw.randrange(2000)
        if dtype == pl.Boolean():
            return draw.random() < 0.5
        return None if column.nullable else empty(dtype)

    return {name: value(name, column.dtype) for name, column in table.columns.items()}


def empty(dtype: Any) -> Any:
    """The least value of a nested column."""
    return [] if isinstance(dtype, pl.List) else dict.fromkeys(f.name for f in dtype.fields)


# A night.

MEASURED = {
    "generation_core_s": 7.7,
    "executions": 22.0,
    "executions_per_core_s": 75.0,
    "run_fixed_s": 30.0,
    "store_bytes": 4100.0,
}
"""Of an answer; where each was measured stands in docs/scale.md."""
PRICES = {"core_hour": 0.04, "gpu_hour": 2.5, "gb_month": 0.023}
"""Assumed, in dollars: put in your own."""
NIGHT = {"partitions": 10_000, "tasks": 150, "variants_a_model": 10, "hours": 8.0}


def print_plan(*, as_json: bool) -> None:
    """Machines and cost of a night, from the figures above."""
    plan = night(MEASURED, PRICES, NIGHT)
    if as_json:
        print(json.dumps(plan, indent=2))
        return
    for name, figure in plan.items():
        print(f"{name:28} {figure:14,.1f}")


def night(
    measured: dict[str, float], prices: dict[str, float], asked: dict[str, float]
) -> dict[str, float]:
    """What a night takes: core hours, cores, gigabytes, dollars, and from where on a GPU pays."""
    answers = asked["partitions"] * asked["tasks"]
    runs = asked["partitions"] / asked["variants_a_model"]
    generating_h = answers * measured["generation_core_s"] / 3600
    executing_h = answers * measured["executions"] / measured["executions_per_core_s"] / 3600
    starting_h = runs * measured["run_fixed_s"] / 3600
    core_h = generating_h + executing_h + starting_h
    gigabytes = answers * measured["store_bytes"] / 1e9
    answer_on_cores = measured["generation_core_s"] / 3600 * prices["core_hour"]
    return {
        "answers": answers,
        "runs": runs,
        "core_hours_generating": generating_h,
        "core_hours_executing": executing_h,
        "core_hours_starting": starting_h,
        "cores": core_h / asked["hours"],
        "dollars_a_night": core_h * prices["core_hour"],
        "gigabytes_a_night": gigabytes,
        "dollars_to_keep_it_a_month": gigabytes * prices["gb_month"],
        "a_gpu_pays_from_answers_a_s": prices["gpu_hour"] / 3600 / answer_on_cores,
    }


if __name__ == "__main__":
    main()
