"""A store of any size, its tables made up and of the true schemas; for tests and the benchmark.

Verdicts, times and texts are drawn, so nothing here says anything of a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from provenances import provenance

from darkwood_bench.score_history import keep_score
from darkwood_bench.scoring import Answer, Costs, leaderboard_rows, score_rows
from darkwood_bench.tables import (
    CATEGORIES,
    DIFFERENCES,
    EXECUTIONS,
    FAILURE_CLASSES,
    GENERATIONS,
    LEADERBOARD,
    PROMPTS,
    RUNS,
    SCORES,
    TABLES,
    TASKS,
    VALIDATIONS,
    Table,
)

CODE = """result = (
    orders.join(customers, on="customer_id", how="left")
    .filter((pl.col("status") == "shipped") & (pl.col("total") > {number}))
    .group_by("region", pl.col("ordered_at").dt.year().alias("year"))
    .agg(pl.col("total").sum().alias("revenue"), pl.len().alias("n_orders"))
    .sort("revenue", descending=True)
    .head({number})
)
"""
SILENT_CLASSES = FAILURE_CLASSES[-5:]
DATA_VARIANTS = ("base", *(f"variant-{number}" for number in range(11)))
_WORDS = ("the", "orders", "of", "each", "region", "shipped", "after", "a", "customer", "moved")
_BEGAN = datetime(2026, 11, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    models: int = 2
    variants: int = 3
    tasks: int = 12
    suites: int = 6
    nights: int = 2
    """Scores of each system over time."""
    prompt_chars: int = 6_000
    data_variants: int = 12


def make_store(
    folder: Path,
    size: Size = Size(),
    *,
    text: str = "",
    mode: str = "sequential",
    unmeasured: bool = False,
    seed: int = 0,
) -> str:
    """Write the tables below `folder`, and give the store's address.

    `text` goes wherever a model, a person or a table could put it; `unmeasured` leaves the memory
    of the first model unknown, as a server's is.
    """
    draw = Random(seed)
    tables = str(folder / "tables")
    tasks = [_task(number, size, draw, text) for number in range(size.tasks)]
    _write(tables, TASKS, tasks, ())
    board: list[dict[str, Any]] = []
    for model_number in range(size.models):
        for variant_number in range(size.variants):
            cell = f"model-{model_number}", f"variant_{variant_number}"
            unknown = unmeasured and model_number == 0
            skill = 0.25 + 0.5 * (model_number + variant_number) / (size.models + size.variants)
            rows = _partition(cell, tasks, size, draw, text, mode, skill, unknown)
            for table, made in rows.items():
                if table == SCORES.name:
                    for night in made:
                        keep_score(tables, SCORES.frame(night))
                    made = made[-1]
                    board += made
                _write(tables, TABLES[table], made, cell)
    _write(tables, LEADERBOARD, leaderboard_rows(board), ())
    return tables


def _write(tables: str, table: Table, rows: Sequence[Any], cell: tuple[str, ...]) -> None:
    path = Path(tables, table.name, *cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    # What may be unknown, and does not matter here, is unknown.
    unknown = {name: None for name, column in table.columns.items() if column.nullable}
    table.frame({**unknown, **row} for row in rows).write_parquet(
        path.with_name(f"{path.name}.parquet")
    )


def _task(number: int, size: Size, draw: Random, text: str) -> dict[str, Any]:
    suite = f"suite-{number % size.suites}"
    return {
        "task_id": f"{suite}/task-{number}",
        "suite": suite,
        "database": suite,
        "split": "test",
        "question": f"{text}{' '.join(draw.choices(_WORDS, k=30))}?",
        "tables": ["orders", "customers"],
        "output_columns": ["region", "year", "revenue", "n_orders"],
        "ordered": True,
        "order_by": ["revenue"],
        "ignore_names": False,
        "category": CATEGORIES[number % len(CATEGORIES)],
        "difficulty": 1 + number % 5,
        "gold_code": CODE.format(number=number) + f"# {text}\n",
        "oracle_sql": f"SELECT region, count(*) FROM orders GROUP BY region -- {text}",
        "verified": number % 7 != 0,
        "source": f"datasets/{suite}/tasks.jsonl:{number + 1}",
        "dataset_hash": "d" * 16,
    }


def _partition(
    cell: tuple[str, str],
    tasks: Sequence[dict[str, Any]],
    size: Size,
    draw: Random,
    text: str,
    mode: str,
    skill: float,
    unmeasured: bool,
) -> dict[str, list[Any]]:
    model, variant = cell
    found: dict[str, list[Any]] = {
        table.name: []
        for table in (PROMPTS, GENERATIONS, EXECUTIONS, VALIDATIONS, DIFFERENCES, RUNS, SCORES)
    }
    answers = []
    for task in tasks:
        right = draw.random() < skill
        wrong_class = None if right else draw.choice(FAILURE_CLASSES)
        ran = right or wrong_class in SILENT_CLASSES
        attempts = 1 if right or draw.random() < 0.7 else 2
        generation = f"{model}-{variant}-{task['task_id']}".replace("/", "-")
        prompt = f"prompt-{variant}-{task['task_id']}"
        found[PROMPTS.name].append(_prompt(prompt, task, variant, size, text))
        made = [
            _generation(
                generation if number == attempts else f"{generation}-{number}",
                prompt,
                task,
                cell,
                number,
                draw,
                text,
                mode,
            )
            for number in range(1, attempts + 1)
        ]
        found[GENERATIONS.name] += made
        caught = right is False and ran and draw.random() < 0.3
        variants = DATA_VARIANTS[: size.data_variants if ran else 1]
        deciding = variants[-1] if caught else "base"
        found[EXECUTIONS.name] += [
            _execution(generation, task, name, ran, text, draw) for name in variants
        ]
        verdict = _verdict(generation, task, right, wrong_class, caught, deciding, text)
        found[VALIDATIONS.name].append(verdict)
        found[DIFFERENCES.name].append(
            _difference(generation, task, deciding, ran and not right, text)
        )
        seconds = sum(row["t_s"] for row in made)
        answers.append(
            Answer(
                task["task_id"],
                task["database"],
                task["category"],
                task["difficulty"],
                generation,
                "c" * 16,
                right,
                right,
                verdict["correct_on_base"],
                seconds,
                task["verified"],
                (seconds,),
            )
        )
    memory = None if unmeasured else 1_500_000_000
    costs = Costs(2.5, memory, memory, 0.02)
    for night in range(size.nights):
        made_under = provenance(
            model=model,
            prompt_variant=variant,
            suites=tuple(sorted({task["suite"] for task in tasks})),
            backend=f"llamacpp {1 + night // 3}",
            versions='{"polars": "2.1.0"}',
            mode=mode,
            dagster_run_id=f"run-{night}",
        )
        slower = [
            Answer(**{**vars(answer), "wall_s": seconds, "repeat_s": (seconds,)})
            for answer in answers
            for seconds in [answer.wall_s * (1 + 0.2 * ((size.nights - 1 - night) % 3))]
        ]
        found[SCORES.name].append(
            score_rows(slower, costs, made_under, _BEGAN + timedelta(days=night))
        )
    found[RUNS.name].append(
        _run(cell, found[GENERATIONS.name], mode, memory, f"run-{size.nights - 1}")
    )
    return found


def _prompt(
    prompt: str, task: dict[str, Any], variant: str, size: Size, text: str
) -> dict[str, Any]:
    system = ("You write Polars code. " * (size.prompt_chars // 23 + 1))[: size.prompt_chars]
    return {
        "prompt_id": prompt,
        "task_id": task["task_id"],
        "prompt_variant": variant,
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": f"{text}{task['question']}"},
        ],
        "example_task_ids": [],
        "grammar": None,
        "grammar_hash": None,
        "prompt_variant_hash": f"{variant}-hash",
    }


def _generation(
    generation: str,
    prompt: str,
    task: dict[str, Any],
    cell: tuple[str, str],
    attempt: int,
    draw: Random,
    text: str,
    mode: str,
) -> dict[str, Any]:
    seconds = draw.uniform(0.5, 12.0)
    code = CODE.format(number=draw.randrange(1000)) + f"# {text}\n"
    return {
        "generation_id": generation,
        "prompt_id": prompt,
        "task_id": task["task_id"],
        "model": cell[0],
        "prompt_variant": cell[1],
        "attempt": attempt,
        "raw_text": f"{text}Here it is:\n```python\n{code}```\n",
        "code": code,
        "rewrites": [f"groupby -> group_by{text}"],
        "problem": None if attempt > 1 else f"ColumnNotFoundError: {text}",
        "feedback": None if attempt == 1 else f"It failed: {text}",
        "prompt_tokens": 1500,
        "cached_tokens": 1200,
        "completion_tokens": 120,
        "ttft_s": 0.3 * seconds,
        "wall_s": seconds,
        "finish_s": 0.05 * seconds,
        "t_s": seconds,
        "repeat_s": [seconds],
        "finish_reason": "stop",
        "error": None,
        "error_kind": None,
        "endpoint": None,
        "failed_at": [],
        "mode": mode,
        "backend": "llamacpp 1",
        "weights_sha256": "a" * 64,
        "decoding": {
            "temperature": 0.0,
            "max_tokens": 320,
            "seed": 0,
            "context": 8192,
            "threads": 2,
            "stop": [],
        },
    }


def _execution(
    generation: str, task: dict[str, Any], name: str, ran: bool, text: str, draw: Random
) -> dict[str, Any]:
    return {
        "generation_id": generation,
        "task_id": task["task_id"],
        "data_variant": name,
        "tables_hash": "t" * 16,
        "status": "ok" if ran else "runtime_error",
        "error_class": None if ran else "ColumnNotFoundError",
        "error_message": None if ran else f"unable to find column {text}",
        "error_line": None if ran else 3,
        "wall_s": draw.uniform(0.001, 0.1),
        "cpu_s": 0.01,
        "peak_memory_bytes": 10_000_000,
        "rows": 10 if ran else None,
        "columns": 4 if ran else None,
        "result_hash": "r" * 64 if ran else None,
        "stdout_tail": text,
        "isolation_level": "L3",
    }


def _verdict(
    generation: str,
    task: dict[str, Any],
    right: bool,
    wrong_class: str | None,
    caught: bool,
    deciding: str,
    text: str,
) -> dict[str, Any]:
    silent = wrong_class in SILENT_CLASSES
    measured = 1.1 if right else None
    return {
        "generation_id": generation,
        "task_id": task["task_id"],
        "level": 4 if right else 2 if silent else 1,
        "correct": right,
        "correct_ignoring_names": right,
        "correct_on_base": right or caught,
        "caught_by": [deciding] if caught else [],
        "mismatch": f"expected row 1: {text}" if silent else None,
        "failure_class": wrong_class,
        "failure_detail": None if right or silent else f"no column {text}",
        "quality_flags": ["needless_collect"] if not right else [],
        "dataset_hash": "d" * 16,
        "variants_hash": "v" * 16,
        **{
            f"{what}_{kind}": measured
            for what in ("cpu", "memory")
            for kind in ("ratio_to_gold", "ratio_low", "ratio_high", "noise")
        },
        "r_ves": measured,
        "beyond": measured,
    }


def _difference(
    generation: str, task: dict[str, Any], deciding: str, shown: bool, text: str
) -> dict[str, Any]:
    names = task["output_columns"]
    gold = [[f"{text}north", "2024", str(row * 1000.5), None] for row in range(8)]
    pairs = [
        {
            "expected_row": row + 1,
            "got_row": row + 1,
            "expected": cells,
            "got": [cells[0], cells[1], f"{row}{text}", cells[3]],
            "differs": [False, False, True, False],
        }
        for row, cells in enumerate(gold)
    ]
    dtypes = ("String", "Int32", "Float64", "UInt32")
    return {
        "generation_id": generation,
        "task_id": task["task_id"],
        "data_variant": deciding,
        "expected_rows": 10,
        "got_rows": 10 if shown else None,
        "columns": [
            {"name": f"{name}{text}", "expected": dtype, "got": dtype}
            for name, dtype in zip(names, dtypes, strict=True)
        ]
        if shown
        else [],
        "more_columns": 0,
        "pairs": pairs if shown else [],
        "more_expected": 2 if shown else 0,
        "more_got": 2 if shown else 0,
        "gold_columns": [f"{name}{text}" for name in names],
        "gold_head": gold,
        "gold_rows": 10,
    }


def _run(
    cell: tuple[str, str],
    generations: Sequence[dict[str, Any]],
    mode: str,
    memory: int | None,
    run_id: str,
) -> dict[str, Any]:
    total = sum(row["t_s"] for row in generations)
    return {
        "model": cell[0],
        "prompt_variant": cell[1],
        "slice": "all",
        "suites": [],
        "n_generations": len(generations),
        "n_reused": 0,
        "n_errors": 0,
        "n_over_budget": 0,
        "load_s": 2.5,
        "total_s": total,
        "endpoints": [],
        "repeats": 1,
        "repeat_total_s": [total],
        "prompt_tokens": 1500 * len(generations),
        "cached_tokens": 1200 * len(generations),
        "completion_tokens": 120 * len(generations),
        "cost": None,
        "peak_vram_bytes": memory,
        "allocated_vram_bytes": None,
        "peak_ram_bytes": memory,
        "energy_j": None,
        "other_load": 0.02,
        "device": "A processor",
        "cpu": "A processor, 2 cores",
        "driver": None,
        "gpu_clock_low_mhz": None,
        "gpu_clock_high_mhz": None,
        "throttling": [],
        "versions": "{}",
        "mode": mode,
        "backend": "llamacpp 1",
        "weights_sha256": "a" * 64,
        "max_ram_bytes": None,
        "max_vram_bytes": None,
        "max_seconds": 600.0,
        "dagster_run_id": run_id,
    }
