"""What `darkwood tasks check` leaves behind, so that scores can say whether gold is verified."""

from collections.abc import Iterable, Sequence

from darkwood_bench.commands.terminal import err
from darkwood_bench.settings import Settings
from darkwood_bench.tasks import (
    CHECK,
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
        tables = build_database(suite.database, suite.folder, settings.cache)
        found = {task.task_id: outcomes[task.task_id] for task in suite.tasks}
        try:
            save_report(suite.folder, CHECK, dataset_hash(suite, tables), found)
        except OSError as error:
            err.print(
                f"cannot keep what was found in {suite.folder} ({error.strerror}): "
                "scores will call its gold unverified",
                highlight=False,
                soft_wrap=True,
            )
