"""What each prompt variant buys and costs: a model asked the examples split under some variants.

An example is never shown with itself, nor with one that gives it away; examples that a variant of
the registry shows with every question are not asked at all, for without them its prompts would be
others, and an engine would read them anew. The test split is not looked at. Answers, executions and
their times are journalled under DAGSTER_HOME, so that a run that was stopped goes on, and a table
over variants asked before takes no model.

Prints a line a variant: N, T, tokens, failures; and what it gains and loses against the baseline
on the same questions (McNemar's exact test), with T over the baseline's; last, what choosing among
them by N / T is worth on questions that the choice did not see (cross-validation). Times hold only
where all variants were asked on the same quiet machine; tokens hold everywhere. `--figure` draws
the share of right answers against T, with the front of variants that none beats in both.

    .venv/bin/python benchmarks/levers.py winner_style few_shot best_cpu --baseline winner_style \
        --model qwen2.5-coder-0.5b --limit 40
"""

import argparse
import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from darkwood_bench.asking import ask as as_asked
from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.assets.executions import execute, execution_job
from darkwood_bench.assets.finishings import finishings
from darkwood_bench.assets.generations import AskedPrompt
from darkwood_bench.assets.gold import require_gold, run_gold
from darkwood_bench.assets.prompts import Pair, allowed, example_of, given_away
from darkwood_bench.assets.table_facts import question_of
from darkwood_bench.harness import Decoding, Generator, load_models
from darkwood_bench.identity import content_id
from darkwood_bench.journal import Journal
from darkwood_bench.progress import Progress
from darkwood_bench.prompting import (
    Question,
    Variant,
    choose_examples,
    load_variants,
)
from darkwood_bench.report.figures import Point, scatter
from darkwood_bench.scoring import compare_paired, wilson
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.stores import open_results
from darkwood_bench.tasks import BASE, QUICK_SIZE, dataset_hash, quick_slice, task_rows
from darkwood_bench.validation import Outcome, Rules, Trial, Verdict, judge

Row = Mapping[str, Any]
FOLDS = 5
UNKNOWN = ("unknown_table", "unknown_column", "unknown_method")


@dataclass(frozen=True)
class Asked:
    """One variant on the sample."""

    verdicts: Mapping[str, Verdict]
    answers: Mapping[str, Row]
    """The last attempt of each question."""
    attempts: Sequence[Row]
    """All of them, which T counts."""
    shown_tables: Mapping[str, set[str]]
    """Names of the tables of the examples that each question was shown."""

    @property
    def seconds(self) -> float:
        return sum(attempt["wall_s"] for attempt in self.attempts)

    def tokens(self, kind: str) -> float:
        """Mean tokens an answer: of the prompt, cached, or generated."""
        return sum(row[kind] or 0 for row in self.attempts) / len(self.answers)


def main() -> None:
    """Ask each variant the sample, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("variants", nargs="+", help="of the registry (DARKWOOD_VARIANTS)")
    parser.add_argument("--baseline", help="what the others are held against; default: the first")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--limit", type=int, default=QUICK_SIZE, help="questions; 0 for all")
    parser.add_argument("--show", action="store_true", help="print every answer and its verdict")
    parser.add_argument("--figure", type=Path, help="draw accuracy against T into this SVG file")
    options = parser.parse_args()
    settings = settings_from_env()
    bank = open_bank(settings, lambda _: None)
    known = load_variants(settings.variants)
    rows = sample(bank, options.limit, always_shown(known.values(), bank))
    names = list(dict.fromkeys([options.baseline or options.variants[0], *options.variants]))
    found: dict[str, Asked] = {}
    print(HEADER)
    for name in names:
        found[name] = ask(known[name], options.model, rows, bank, settings)
        print(line(name, found[name], found[names[0]]), flush=True)
        if options.show:
            show(found[name], rows)
    if len(found) > 1:
        print(cross_validated(found))
    if options.figure:
        options.figure.write_text(figure(found), "utf-8")


def sample(bank: Bank, limit: int, left_out: Collection[str]) -> list[Row]:
    """Rows of the table tasks: examples, of every category and suite, in the files' order."""
    examples = [
        replace(task, split="test")
        for task in bank.all_tasks()
        if task.split == "examples" and task.task_id not in left_out
    ]
    chosen = {task.task_id for task in quick_slice(examples, limit or len(examples))}
    return [row for row in example_rows(bank) if row["task_id"] in chosen]


def always_shown(variants: Iterable[Variant], bank: Bank) -> set[str]:
    """The examples that some variant shows whatever is asked."""
    pool = [example_of(row, Question(row["task_id"], "", {})) for row in example_rows(bank)]
    fixed = [
        variant.model_copy(update={"examples": variant.examples.model_copy(update={"pick": None})})
        for variant in variants
        if variant.examples is not None
    ]
    return {one.question.task_id for variant in fixed for one in choose_examples(variant, pool)}


def example_rows(bank: Bank) -> Iterable[Row]:
    """Every example as a row of the table tasks."""
    for name, suite in bank.suites.items():
        for row in task_rows(suite, dataset_hash(suite, bank.tables[name])):
            if row["split"] == "examples":
                yield row


def too_alike(bank: Bank) -> set[Pair]:
    """Each example with those that it is not shown with: itself, and what gives it away."""
    examples = [task for task in bank.all_tasks() if task.split == "examples"]
    return given_away([*(replace(task, split="test") for task in examples), *examples])


def ask(variant: Variant, model: str, rows: Sequence[Row], bank: Bank, settings: Settings) -> Asked:
    """A variant's answers to the sample, executed and judged."""
    question = partial(
        question_of, bank=bank, cache=settings.cache, data=variant.rendering.needs_data
    )
    pool = [example_of(row, question(row)) for row in example_rows(bank)]
    banned = too_alike(bank)
    spec = load_models(settings.models)[model]
    journal = Journal(settings.store / "journal" / f"levers-{model}.jsonl", key="generation_id")
    decoding = Decoding(context=spec.context)
    prompts, shown = [], {}
    with finishings(bank, rows, [variant]) as finishing_of:
        for row in rows:
            asked = question(row)
            asking = as_asked(variant, asked, allowed(pool, row["task_id"], banned))
            prompts.append(
                AskedPrompt(
                    content_id(asking.messages),
                    row["task_id"],
                    asking.messages,
                    asking.grammar,
                    finishing=finishing_of(variant, row),
                )
            )
            tables = {table for one in asking.examples for table in one.question.tables}
            shown[row["task_id"]] = tables
        with Generator(model, spec, decoding, journal, settings.cache, progress) as generator:
            batch = generator.run(prompts, prompt_variant=variant.name)
    answers = {answer["task_id"]: answer for answer in batch.rows}
    return Asked(judged(answers, rows, bank, settings), answers, batch.rows, shown)


def judged(
    answers: Mapping[str, Row], rows: Sequence[Row], bank: Bank, settings: Settings
) -> dict[str, Verdict]:
    """The verdict on each answer: on the base data and, where it is right there, on all others."""
    tasks = {row["task_id"]: row for row in rows}
    on_base = _trials(((task, BASE) for task in answers), answers, tasks, bank, settings)
    verdicts = {task: _verdict(answers[task], tasks[task], on_base[task], bank) for task in answers}
    right = [task for task, verdict in verdicts.items() if verdict.correct]
    more = ((task, variant) for task in right for variant in bank.variants[tasks[task]["suite"]])
    for task, trials in _trials(more, answers, tasks, bank, settings).items():
        verdicts[task] = _verdict(answers[task], tasks[task], [*on_base[task], *trials], bank)
    return verdicts


def _trials(
    wanted: Iterable[tuple[str, str]],
    answers: Mapping[str, Row],
    tasks: Mapping[str, Row],
    bank: Bank,
    settings: Settings,
) -> dict[str, list[Trial]]:
    """Answers and gold run on the data variants wanted, by task, in their order."""
    pairs = list(wanted)
    jobs = [
        execution_job(answers[task]["generation_id"], answers[task]["code"], tasks[task], bank, on)
        for task, on in pairs
    ]
    gold = run_gold(pairs, tasks, bank, settings, progress)
    require_gold(gold)
    trials: dict[str, list[Trial]] = {}
    with open_results(settings) as results:
        ran_all = execute(jobs, settings, progress, "levers", "levers")
        for (task, on), ran in zip(pairs, ran_all, strict=True):
            right = gold[task, on]
            if isinstance(right, pl.DataFrame):
                outcome = Outcome(ran["status"], ran["error_class"], ran["error_message"])
                result = results.get(ran["result_hash"]) if outcome.status == "ok" else None
                trials.setdefault(task, []).append(Trial(on, outcome, result, right))
    return trials


def _verdict(answer: Row, task: Row, trials: Sequence[Trial], bank: Bank) -> Verdict:
    tables = {name: list(columns) for name, columns in bank.schemas_of(task).items()}
    return judge(answer["code"], trials, Rules(task["order_by"], tables, task["ignore_names"]))


HEADER = (
    f"{'variant':24} {'N':>7} {'T s':>7} {'N/T':>6} {'prompt':>6} {'cached':>6} {'answer':>6} "
    f"{'gained':>6} {'lost':>5} {'p':>5} {'T ratio':>7} {'N/T ratio':>9} {'unknown':>7} "
    f"{'copied':>6}  failures"
)


def line(name: str, asked: Asked, baseline: Asked) -> str:
    """A variant's figures; tokens are means of an answer, `unknown` and `copied` are shares."""
    correct, of = (_correct(each) for each in (asked, baseline))
    paired = compare_paired(correct, of)
    n, base = sum(correct.values()), sum(of.values())
    failures = Counter(v.failure_class for v in asked.verdicts.values() if v.failure_class)
    unknown = sum(failures[kind] for kind in UNKNOWN) / len(correct)
    copied = sum(map(partial(copies_a_table, asked), asked.answers)) / len(correct)
    slower = asked.seconds / baseline.seconds
    ratio = f"{n / base / slower:9.2f}" if base else f"{'-':>9}"
    tokens = [asked.tokens(f"{kind}_tokens") for kind in ("prompt", "cached", "completion")]
    return (
        f"{name:24} {n:3}/{len(correct):3} {asked.seconds:7.1f} {n / asked.seconds:6.3f} "
        f"{tokens[0]:6.0f} {tokens[1]:6.0f} {tokens[2]:6.1f} {paired.gained:6} {paired.lost:5} "
        f"{paired.p_value:5.2f} {slower:7.2f} {ratio} {unknown:7.1%} {copied:6.1%}  "
        + ", ".join(f"{kind} {count}" for kind, count in failures.most_common())
    )


STYLE = """
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: #57606a }
.label { fill: #1f2328; font-weight: 600 }
.grid { stroke: #d8dee4 }
.front { fill: none; stroke: #0b6e4f; stroke-width: 1.5; stroke-dasharray: 5 4 }
.point circle { fill: #fff; stroke: #57606a; stroke-width: 2 }
.point .range { stroke: #57606a; opacity: .55 }
.point.best circle { fill: #0b6e4f; stroke: #fff }
"""


def figure(found: Mapping[str, Asked]) -> str:
    """The share of right answers against T, with 95 % intervals (Wilson), as a file of its own."""
    points = []
    for name, asked in found.items():
        n, of = sum(_correct(asked).values()), len(asked.verdicts)
        interval = wilson(n, of)
        points.append(Point(name, asked.seconds, n / of, interval.low, interval.high, f"#{name}"))
    drawn = str(scatter(points, 760, 400, "accuracy-against-time"))
    opened, rest = drawn.split(">", 1)
    paper = '<rect width="760" height="400" fill="#fff"/>'
    return f'{opened} xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>{paper}{rest}\n'


def cross_validated(found: Mapping[str, Asked]) -> str:
    """What choosing the variant of the highest N / T is worth on questions it was not chosen by.

    The questions fall into `FOLDS` parts by their ids' hashes; for each the variant is chosen on
    the others, and what it has there is added up. Memory, the other term of the score, is the
    model's and hardly the variant's.
    """
    chosen: Counter[str] = Counter()
    n, seconds = 0, 0.0
    for fold in range(FOLDS):
        rates = {}
        for name, asked in found.items():
            outside = _part(asked, lambda task, fold=fold: _fold(task) != fold)
            rates[name] = outside[0] / outside[1] if outside[1] else 0.0
        best = max(rates, key=lambda name: rates[name])
        chosen[best] += 1
        held_out = _part(found[best], lambda task, fold=fold: _fold(task) == fold)
        n, seconds = n + held_out[0], seconds + held_out[1]
    times = ", ".join(f"{name} {count} of {FOLDS} times" for name, count in chosen.most_common())
    return f"cross-validated: {times}; N {n}, T {seconds:.1f} s, N/T {n / seconds:.3f}"


def _part(asked: Asked, wanted: Callable[[str], bool]) -> tuple[int, float]:
    """N and T of some of the questions."""
    n = sum(verdict.correct for task, verdict in asked.verdicts.items() if wanted(task))
    return n, sum(row["wall_s"] for row in asked.attempts if wanted(row["task_id"]))


def _fold(task: str) -> int:
    return int(content_id(task), 16) % FOLDS


def copies_a_table(asked: Asked, task: str) -> bool:
    """Whether an answer uses a table that only the examples shown with it have."""
    try:
        tree = ast.parse(asked.answers[task]["code"] or "")
    except SyntaxError:
        return False
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return asked.verdicts[task].failure_class == "unknown_table" and bool(
        read & asked.shown_tables[task]
    )


def _correct(asked: Asked) -> dict[str, bool]:
    return {task: verdict.correct for task, verdict in asked.verdicts.items()}


def show(asked: Asked, rows: Sequence[Row]) -> None:
    """Every answer with its verdict, for those who improve prompts."""
    for row in rows:
        verdict, answer = asked.verdicts[row["task_id"]], asked.answers[row["task_id"]]
        why = (verdict.failure_class, verdict.failure_detail or verdict.mismatch)
        said = "right" if verdict.correct else " ".join(str(part) for part in why)
        print(f"\n--- {row['task_id']}: {said}\n{row['question']}\n{answer['raw_text']}")
    print()


def progress(step: Progress) -> None:
    """Nothing: the table says it, a line a variant."""


if __name__ == "__main__":
    main()
