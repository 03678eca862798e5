"""How much of the bank's own SQL the compiler turns into Polars code that is right.

Every oracle query of a split is compiled and run over the base data and all data variants, and its
result compared with gold, as an answer's is. Prints what is not compiled and why, what is compiled
and wrong, and the shares. No model is asked. Development looks at the examples split; the test
split's queries are a check of the compiler, and every look at them is written down
(docs/correctness.md).

    .venv/bin/python benchmarks/sql_compiler.py
    .venv/bin/python benchmarks/sql_compiler.py --split test
"""

import argparse
from time import perf_counter

from levers import Row, judged

from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.harness.sql import Untranslatable, compile_sql
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tasks import dataset_hash, task_rows


def main() -> None:
    """Compile, run, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("examples", "test"), default="examples")
    parser.add_argument("--show", action="store_true", help="print every query and its code")
    options = parser.parse_args()
    settings = settings_from_env()
    bank = open_bank(settings, lambda _: None)
    rows = [row for row in _rows(bank) if row["split"] == options.split and row["oracle_sql"]]
    answers: dict[str, Row] = {}
    slowest = 0.0
    for row in rows:
        started = perf_counter()
        try:
            code = compile_sql(row["oracle_sql"], bank.schemas_of(row)).code
        except Untranslatable as error:
            print(f"{row['task_id']}: not compiled: {error}")
            continue
        slowest = max(slowest, perf_counter() - started)
        answers[row["task_id"]] = {"generation_id": row["task_id"], "code": code}
        if options.show:
            print(f"\n{row['task_id']}\n{row['oracle_sql']}\n\n{code}")
    compiled = [row for row in rows if row["task_id"] in answers]
    verdicts = judged(answers, compiled, bank, settings)
    for task, verdict in verdicts.items():
        if not verdict.correct:
            why = verdict.failure_detail or verdict.mismatch
            print(f"{task}: {verdict.failure_class}: {why}\n{answers[task]['code']}")
    right = sum(verdict.correct for verdict in verdicts.values())
    print(
        f"{options.split}: {len(compiled)} of {len(rows)} compiled, {right} right "
        f"({right / len(rows):.1%}); at most {slowest * 1000:.0f} ms a query"
    )


def _rows(bank: Bank) -> list[Row]:
    return [
        row
        for name, suite in bank.suites.items()
        for row in task_rows(suite, dataset_hash(suite, bank.tables[name]))
    ]


if __name__ == "__main__":
    main()
