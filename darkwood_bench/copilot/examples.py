"""The worked examples that prompts may show: the same pool that the benchmark's prompts have."""

from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.assets.table_facts import question_of
from darkwood_bench.copilot.logs import log
from darkwood_bench.progress import silent
from darkwood_bench.prompting import Example, Variant
from darkwood_bench.settings import Settings
from darkwood_bench.tasks import DatabaseError, Suite


def examples_pool(variant: Variant, bench: Settings) -> list[Example]:
    """Every example of the bank, in its order; empty for a variant that shows none.

    Databases that are not there yet are built, for their schemas. One that cannot be had is left
    out with its examples, as in a run. Raises TaskBankError where there is no bank.
    """
    if variant.examples is None:
        return []
    bank = open_bank(bench, silent)
    pool: list[Example] = []
    for suite in bank.suites.values():
        try:
            pool += _of_suite(suite, bank, bench, data=variant.rendering.needs_data)
        except DatabaseError as error:
            log("suite left out", level=30, suite=suite.name, problems=list(error.problems))
    return pool


def _of_suite(suite: Suite, bank: Bank, bench: Settings, *, data: bool) -> list[Example]:
    found = []
    for task in suite.tasks:
        if task.split == "examples":
            row = {
                "task_id": task.task_id,
                "suite": task.suite,
                "question": task.question,
                "tables": list(task.tables),
            }
            question = question_of(row, bank, bench.cache, data=data)
            columns = task.output_columns
            code, sql = task.gold_code, task.oracle_sql
            found.append(Example(question, code, task.category, task.suite, columns, sql))
    return found
