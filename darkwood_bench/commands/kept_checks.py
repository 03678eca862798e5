"""What `darkwood tasks check` and `mutants` leave behind, for scores and the bank's state."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from darkwood_bench.commands.terminal import err
from darkwood_bench.settings import Settings
from darkwood_bench.tasks import (
    CHECK,
    MUTANTS,
    Suite,
    TaskCheck,
    build_database,
    dataset_hash,
    save_report,
)


def keep_checks(suites: Sequence[Suite], checks: Iterable[TaskCheck], settings: Settings) -> None:
    """Keep each task's worst outcome beside its suite; `checks` are of all tasks of the suites."""
    outcomes: dict[str, str] = {}
    for check in sorted(checks, key=lambda check: check.variant):
        if outcomes.get(check.task_id, "agree") in ("agree", "no_oracle"):
            outcomes[check.task_id] = check.outcome
    for suite in suites:
        found = {task.task_id: outcomes[task.task_id] for task in suite.tasks}
        _keep(suite, CHECK, found, settings)


def keep_mutants(
    suites: Sequence[Suite], reports: Sequence[Mapping[str, Any]], settings: Settings
) -> None:
    """Keep how the mutants of each task fared; a report has all tasks of its suite."""
    for suite, report in zip(suites, reports, strict=True):
        found = {
            task["task_id"]: {name: task[name] for name in ("mutants", "killed", "equivalent")}
            | {"survivors": [survivor["mutant"] for survivor in task["survivors"]]}
            for task in report["tasks"]
        }
        _keep(suite, MUTANTS, found, settings)


def _keep(suite: Suite, name: str, found: Mapping[str, Any], settings: Settings) -> None:
    tables = build_database(suite.database, suite.folder, settings.cache)
    try:
        save_report(suite.folder, name, dataset_hash(suite, tables), found)
    except OSError as error:
        err.print(
            f"cannot keep what was found in {suite.folder} ({error.strerror}): "
            f"it will be as if `darkwood tasks {name}` had not been run",
            highlight=False,
            soft_wrap=True,
        )
