"""Make test data of real runs: answers of models, how they ended, and what they are classed as.

    python tests/validation/collect_answers.py MODEL JOURNAL...

A journal is a file of generations (`$DAGSTER_HOME/darkwood/journal/<model>.jsonl`), such as
ask_examples.py and benchmarks/levers.py make; give each only once. Only answers to the examples
split are looked at. Each answer's code is run again in the sandbox, and judged as an answer of a
run is. answers/MODEL.yaml keeps what it has, and gets answers of classes and flags that it has few
of; answers/census.yaml adds up how many different answers were looked at, and how many of them were
of each class and flag, so that it is known what does not occur. An answer that ran and is wrong is
kept with its result and gold's, where both are small, so that the comparison is tried on them.
Read what comes out before you keep it: the classes are what the classification says, and the
test that reads the file holds it to what a person has agreed with.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.harness import Finishing
from darkwood_bench.harness.finishing import final_code
from darkwood_bench.journal import Journal
from darkwood_bench.progress import silent
from darkwood_bench.prompting import load_variants
from darkwood_bench.sandbox import Execution, Program, Sandbox
from darkwood_bench.settings import settings_from_env
from darkwood_bench.validation import Outcome, Rules, Trial, judge

AN_ITEM = 12
"""Answers kept of a class, each with another detail as long as there are such."""
FOLDER = Path(__file__).parent / "answers"
MOST_CELLS = 4000
"""Of a result that is kept."""
PLAIN = (pl.Int64, pl.Int32, pl.Int8, pl.UInt32, pl.Float64, pl.String, pl.Boolean, pl.Date)
PLAIN += (pl.Int16, pl.UInt8, pl.UInt64, pl.Float32, pl.Datetime("us"), pl.Decimal)
"""Dtypes of results that are kept: those whose values YAML has, and decimals, as text."""
Answer = dict[str, Any]


def main() -> None:
    """Judge, keep and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="the name that the answers are filed under")
    parser.add_argument("journal", type=Path, nargs="+")
    options = parser.parse_args()
    model: str = options.model
    rows = [
        row for path in options.journal for row in Journal(path, "generation_id").read().values()
    ]
    settings = settings_from_env()
    variants = load_variants(settings.variants).values()
    as_sql = {variant.name for variant in variants if variant.language == "sql"}
    with Judges(open_bank(settings, silent), as_sql) as judges:
        answers = list(judges.judged(rows, model))
    path = FOLDER / f"{model}.yaml"
    before = read(path)
    kept = [*before, *more(answers, before)]
    lines = [f"# Answers of {model}, and what they are classed as: see collect_answers.py."]
    lines += [
        yaml.safe_dump(
            [answer], sort_keys=False, width=98, allow_unicode=True, default_flow_style=None
        ).rstrip()
        for answer in kept
    ]
    path.write_text("\n".join([*lines, ""]), "utf-8")
    count(model, answers)
    print(f"{len(answers)} answers; {len(before)} were kept, now {len(kept)}", file=sys.stderr)


def read(path: Path) -> list[Answer]:
    """The answers of a file, none where there is none yet."""
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) if path.exists() else []


def count(model: str, answers: Sequence[Answer]) -> None:
    """Add how many answers were looked at, and what they were."""
    path = FOLDER / "census.yaml"
    census = {} if not path.exists() else yaml.safe_load(path.read_text("utf-8"))
    before = census.get(model, {"answers": 0, "classes": {}, "flags": {}})
    classes = Counter(answer["failure_class"] or "correct" for answer in answers)
    classes.update(before["classes"])
    flags = Counter(flag for answer in answers for flag in answer["quality_flags"])
    flags.update(before["flags"])
    whole = {
        answer["code"]: answer["failure_class"]
        for answer in answers
        if "compared" in answer and None not in answer["compared"].values()
    }
    comparable = Counter(whole.values())
    comparable.update(before.get("comparable", {}))
    census[model] = {
        "answers": before["answers"] + len(answers),
        "comparable": dict(sorted(comparable.items())),
        "classes": dict(sorted(classes.items())),
        "flags": dict(sorted(flags.items())),
    }
    header = (
        "# How many different answers of each model were looked at, and how many of them were of\n"
        "# each class and flag; what is not named did not occur: see collect_answers.py.\n"
        "# comparable: programs that ran and are wrong, whose results are such as are kept.\n"
    )
    path.write_text(header + yaml.safe_dump(census, sort_keys=True), "utf-8")


class Judges:
    """A sandbox for each suite that answers are about. A context manager."""

    def __init__(self, bank: Bank, as_sql: Collection[str]) -> None:
        """`as_sql`: the prompt variants whose answers are queries."""
        self._bank = bank
        self._as_sql = as_sql
        self._tasks = {
            task.task_id: vars(task) for task in bank.all_tasks() if task.split == "examples"
        }
        self._open = ExitStack()
        self._sandboxes: dict[str, Sandbox] = {}
        self._gold: dict[str, pl.DataFrame] = {}

    def __enter__(self) -> "Judges":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def judged(self, rows: Sequence[Answer], model: str) -> Iterator[Answer]:
        """Each different answer to an example that there still is; failures of the harness are
        none."""
        seen: set[tuple[str, str]] = set()
        for row in rows:
            key = row["task_id"], row["raw_text"] or ""
            if row["task_id"] not in self._tasks or not row["raw_text"] or key in seen:
                continue
            seen.add(key)
            task = self._tasks[row["task_id"]]
            yield self._judge(self._code_of(row, task), task, model)

    def _code_of(self, row: Answer, task: Answer) -> str | None:
        """The code that follows from an answer, compiled where it is a query."""
        language = "sql" if row["prompt_variant"] in self._as_sql else "polars"
        finishing = Finishing(self._bank.schemas_of(task), language=language)
        return final_code(row["raw_text"], finishing).code

    def _judge(self, code: str | None, task: Answer, model: str) -> Answer:
        """What becomes of one answer on the base data."""
        columns = {name: list(schema) for name, schema in self._bank.schemas_of(task).items()}
        run = Execution("ok", "", ()) if code is None else self._run(code, task)
        status = "not_run" if code is None else run.status
        outcome = Outcome(status, run.error_class, run.error_message)
        rules = Rules(task["order_by"], columns, task["ignore_names"])
        gold = self._gold_of(task)
        verdict = judge(code, [Trial("base", outcome, run.result, gold)], rules)
        compared = {
            "order_by": list(task["order_by"]),
            "ignore_names": task["ignore_names"],
            "got": written(run.result),
            "gold": written(gold),
        }
        silent_failure = status == "ok" and verdict.failure_class is not None
        return {
            "model": model,
            "code": code,
            "tables": columns,
            "status": status,
            "error_class": run.error_class,
            "error_message": run.error_message,
            "failure_class": verdict.failure_class,
            "failure_detail": verdict.failure_detail,
            "quality_flags": list(verdict.quality_flags),
            **({"compared": compared} if silent_failure else {}),
        }

    def _gold_of(self, task: Answer) -> pl.DataFrame:
        if task["task_id"] not in self._gold:
            gold = self._run(task["gold_code"], task)
            assert gold.result is not None, f"{task['task_id']}: gold ended as {gold.status}"
            self._gold[task["task_id"]] = gold.result
        return self._gold[task["task_id"]]

    def _run(self, code: str, task: Answer) -> Execution:
        suite = task["suite"]
        if suite not in self._sandboxes:
            sandbox = Sandbox(self._bank.tables[suite])
            self._sandboxes[suite] = self._open.enter_context(sandbox)
        return self._sandboxes[suite].run(Program(code, {name: name for name in task["tables"]}))


def written(frame: pl.DataFrame | None) -> Answer | None:
    """A result as YAML has it; None for one that is large, or has dtypes that YAML has not."""
    if frame is None or frame.width * frame.height > MOST_CELLS:
        return None
    if any(dtype not in PLAIN for dtype in frame.dtypes):
        return None
    columns = {name: str(dtype) for name, dtype in frame.schema.items()}
    values = frame.cast({pl.Decimal: pl.String})
    return {"columns": columns, "rows": [list(row) for row in values.iter_rows()]}


def more(answers: Sequence[Answer], before: Sequence[Answer]) -> Iterator[Answer]:
    """Answers of classes and flags of which AN_ITEM are not kept yet; unlike ones first."""
    counts = Counter(item for answer in before for item in items(answer))
    known = {answer["code"] for answer in before}
    details = {detail(answer) for answer in before}
    unlike, alike = [], []
    for answer in answers:
        if None in answer.get("compared", {}).values():
            continue
        if answer["code"] is None or answer["code"] not in known:
            (alike if detail(answer) in details else unlike).append(answer)
            details.add(detail(answer))
            known.add(answer["code"])
    for answer in unlike + alike:
        if any(counts[item] < AN_ITEM for item in items(answer)):
            counts.update(items(answer))
            yield answer


def items(answer: Answer) -> list[str]:
    """What an answer is one of: its class and its flags; without its result, its flags alone."""
    if (answer["failure_class"] or "").startswith("wrong_") and "compared" not in answer:
        return answer["quality_flags"]
    return [answer["failure_class"] or "correct", *answer["quality_flags"]]


def detail(answer: Answer) -> tuple[object, ...]:
    """What makes two answers unlike one another."""
    return answer["failure_class"], answer["failure_detail"], *answer["quality_flags"]


if __name__ == "__main__":
    main()
