"""Make test data of real runs: answers of models, how they ended, and what they are classed as.

    python tests/validation/collect_answers.py MODEL JOURNAL...

A journal is a file of generations (`$DAGSTER_HOME/darkwood/journal/<model>.jsonl`), such as
ask_examples.py makes. Each answer's code is run again in the sandbox, and judged as an answer of a
run is. answers/MODEL.yaml keeps what it has, and gets answers of classes and flags that it has few
of; answers/census.yaml says how many different answers were looked at, and how many of them were of
each class and flag, so that it is known what does not occur. Neither question nor gold is written
down. Read what comes out before you keep it: the classes are what the classification says, and the
test that reads the file holds it to what a person has agreed with.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.harness import extract_code
from darkwood_bench.journal import Journal
from darkwood_bench.progress import silent
from darkwood_bench.sandbox import Execution, Program, Sandbox
from darkwood_bench.settings import settings_from_env
from darkwood_bench.validation import Outcome, Rules, Trial, judge

AN_ITEM = 12
"""Answers kept of a class, each with another detail as long as there are such."""
FOLDER = Path(__file__).parent / "answers"
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
    with Judges(open_bank(settings_from_env(), silent)) as judges:
        answers = list(judges.judged(rows, model))
    path = FOLDER / f"{model}.yaml"
    before = read(path)
    kept = [*before, *more(answers, before)]
    lines = [f"# Answers of {model}, and what they are classed as: see collect_answers.py."]
    lines += [
        yaml.safe_dump([answer], sort_keys=False, width=98, allow_unicode=True).rstrip()
        for answer in kept
    ]
    path.write_text("\n".join([*lines, ""]), "utf-8")
    count(model, answers)
    print(f"{len(answers)} answers; {len(before)} were kept, now {len(kept)}", file=sys.stderr)


def read(path: Path) -> list[Answer]:
    """The answers of a file, none where there is none yet."""
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) if path.exists() else []


def count(model: str, answers: Sequence[Answer]) -> None:
    """Write down how many answers were looked at, and what they were."""
    path = FOLDER / "census.yaml"
    census = {} if not path.exists() else yaml.safe_load(path.read_text("utf-8"))
    classes = Counter(answer["failure_class"] or "correct" for answer in answers)
    flags = Counter(flag for answer in answers for flag in answer["quality_flags"])
    census[model] = {
        "answers": len(answers),
        "classes": dict(sorted(classes.items())),
        "flags": dict(sorted(flags.items())),
    }
    header = (
        "# How many different answers of each model were looked at, and how many of them were of\n"
        "# each class and flag; what is not named did not occur: see collect_answers.py.\n"
    )
    path.write_text(header + yaml.safe_dump(census, sort_keys=True), "utf-8")


class Judges:
    """A sandbox for each suite that answers are about. A context manager."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._tasks = {task.task_id: vars(task) for task in bank.all_tasks()}
        self._open = ExitStack()
        self._sandboxes: dict[str, Sandbox] = {}
        self._gold: dict[str, pl.DataFrame] = {}

    def __enter__(self) -> "Judges":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def judged(self, rows: Sequence[Answer], model: str) -> Iterator[Answer]:
        """Each different answer to a task that there still is; failures of the harness are none."""
        seen: set[tuple[str, str]] = set()
        for row in rows:
            key = row["task_id"], row["raw_text"] or ""
            if row["task_id"] not in self._tasks or not row["raw_text"] or key in seen:
                continue
            seen.add(key)
            yield self._judge(extract_code(row["raw_text"]), self._tasks[row["task_id"]], model)

    def _judge(self, code: str | None, task: Answer, model: str) -> Answer:
        """What becomes of one answer on the base data."""
        columns = {name: list(schema) for name, schema in self._bank.schemas_of(task).items()}
        run = Execution("ok", "", ()) if code is None else self._run(code, task)
        status = "not_run" if code is None else run.status
        outcome = Outcome(status, run.error_class, run.error_message)
        rules = Rules(task["order_by"], columns, task["ignore_names"])
        verdict = judge(code, [Trial("base", outcome, run.result, self._gold_of(task))], rules)
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


def more(answers: Sequence[Answer], before: Sequence[Answer]) -> Iterator[Answer]:
    """Answers of classes and flags of which AN_ITEM are not kept yet; unlike ones first."""
    counts = Counter(item for answer in before for item in items(answer))
    known = {answer["code"] for answer in before}
    details = {detail(answer) for answer in before}
    unlike, alike = [], []
    for answer in answers:
        if answer["code"] is None or answer["code"] not in known:
            (alike if detail(answer) in details else unlike).append(answer)
            details.add(detail(answer))
            known.add(answer["code"])
    for answer in unlike + alike:
        if any(counts[item] < AN_ITEM for item in items(answer)):
            counts.update(items(answer))
            yield answer


def items(answer: Answer) -> list[str]:
    """What an answer is one of: its class and its flags."""
    return [answer["failure_class"] or "correct", *answer["quality_flags"]]


def detail(answer: Answer) -> tuple[object, ...]:
    """What makes two answers unlike one another."""
    return answer["failure_class"], answer["failure_detail"], *answer["quality_flags"]


if __name__ == "__main__":
    main()
