"""The night's watch in Dagster: every newly materialized score against its partition's accepted
one, as an asset check and an alert. It reads scores after the fact, so it never stops a run."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationPlanned,
    AssetCheckEvaluationTargetMaterializationData,
)
from sqlalchemy.exc import IntegrityError

from darkwood_bench.automation import (
    BENCHMARK,
    BY_COMMAND,
    CONFIRMS,
    NIGHT,
    NO_REGRESSION,
    benchmark,
    run_config,
)
from darkwood_bench.failure_reasons import run_reason
from darkwood_bench.partitions import GRID, Cell, cell_of, range_tags
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import kept_score, newest_first
from darkwood_bench.storage import TableError
from darkwood_bench.tables import SCORES
from darkwood_bench.watch import (
    NIGHTLY,
    Alerts,
    State,
    Verdict,
    judge_score,
    regression_alert,
    run_failure_alert,
    watched_partitions,
)

SCORES_A_TICK = 100
_FAILURES = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RESOURCE_INIT_FAILURE}
_GOOD = (State.FIRST, State.ACCEPTED, State.NOT_WORSE, State.NO_BASELINE)


@dg.asset_check(
    name=NO_REGRESSION,
    asset=SCORES.name,
    partitions_def=GRID,
    description="Not worse than the accepted score of the same partition: correct answers by "
    "McNemar's exact test, the Score by a paired bootstrap, beyond "
    f"{NIGHTLY.accuracy:.0%} of the answers or {NIGHTLY.score:.0%} of the Score. Written by the "
    "sensor `regressions`; executed here, it looks at each partition's newest score.",
)
def no_regression(
    context: dg.AssetCheckExecutionContext, bench: dg.ResourceParam[Bench]
) -> dg.AssetCheckResult:
    """One result for all partitions of the run."""
    tables = bench.settings.tables
    watched = len(watched_partitions(tables))
    verdicts = []
    for key in context.op_execution_context.partition_keys:
        newest = next(newest_first(tables, *cell_of(key)), None)
        if newest is not None:
            verdicts.append(judge_score(tables, newest, watched, accept_first=False))
    bad = [verdict for verdict in verdicts if verdict.state not in _GOOD]
    return dg.AssetCheckResult(
        passed=not bad,
        severity=_severity(bad),
        description="; ".join(verdict.line for verdict in bad) or None,
        metadata={verdict.partition: verdict.line for verdict in verdicts},
    )


@dg.sensor(
    job=benchmark,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Holds every new score against its partition's accepted one: a failed check and an "
    "alert where it is worse; a second measurement where only its time has grown.",
)
def regressions(
    context: dg.SensorEvaluationContext,
    bench: dg.ResourceParam[Bench],
    alerts: dg.ResourceParam[Alerts],
) -> dg.SensorResult | dg.SkipReason:
    """The cursor holds how far materializations were read, and the scores that were told of."""
    tables = bench.settings.tables
    cursor = json.loads(context.cursor or '{"after": 0, "told": {}}')
    found = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(SCORES.name), after_storage_id=cursor["after"]),
        limit=SCORES_A_TICK,
        ascending=True,
    )
    if not found.records:
        return dg.SkipReason("no new score")
    watched = max(len(watched_partitions(tables)), 1)
    requests: list[dg.RunRequest] = []
    worse: list[Verdict] = []
    for record in found.records:
        run = context.instance.get_run_by_id(record.run_id)
        tags = {} if run is None else run.tags
        if BY_COMMAND in tags:
            continue
        try:
            verdict = _judged(tables, record, watched, accept_first=NIGHT in tags)
        except (TableError, OSError) as error:
            context.log.error(f"{record.partition_key}: not judged: {error}")
            continue
        if verdict is None or verdict.state is State.NO_BASELINE:
            continue
        context.log.info(verdict.line)
        write_check(context.instance, verdict, record)
        if verdict.state is State.SUSPECT and run is not None and NIGHT in tags:
            requests.append(_again(verdict, run))
        elif verdict.state is State.WORSE:
            if cursor["told"].get(verdict.partition) != verdict.row["score_id"]:
                worse.append(verdict)
            cursor["told"][verdict.partition] = verdict.row["score_id"]
    if worse:
        alerts.send(regression_alert(worse), context.log.warning)
    cursor["after"] = found.records[-1].storage_id
    return dg.SensorResult(run_requests=requests, cursor=json.dumps(cursor))


@dg.run_failure_sensor(
    name="failed_nights",
    monitored_jobs=[benchmark],
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells of nightly runs that ended without a score.",
)
def failed_nights(
    context: dg.RunFailureSensorContext, alerts: dg.ResourceParam[Alerts]
) -> dg.SkipReason:
    """An alert for a failed run that the schedule asked for, and nothing for others."""
    run = context.dagster_run
    if NIGHT not in run.tags or BY_COMMAND in run.tags:
        return dg.SkipReason("not a run of the night")
    first, last = (
        run.tags.get(f"dagster/asset_partition_range_{end}", "?") for end in ("start", "end")
    )
    logged = context.instance.all_logs(run.run_id, of_type=_FAILURES)
    found = run_reason(entry.dagster_event for entry in logged if entry.dagster_event)
    reason = context.failure_event.message if found is None else ": ".join(found)
    alert = run_failure_alert(
        run.run_id, f"{first} to {last}", " ".join((reason or "no reason given").split())
    )
    alerts.send(alert, context.log.warning)
    return dg.SkipReason(f"told of run {run.run_id}")


def write_check(instance: dg.DagsterInstance, verdict: Verdict, record: dg.EventLogRecord) -> None:
    """Write the verdict as the check's result, into the run that materialized the score.

    A result outside of any run would do for the first of a partition only: Dagster 1.13 lets the
    second one break a unique key.
    """
    result = _check_of(verdict, record)
    planned = AssetCheckEvaluationPlanned(
        asset_key=result.asset_key,
        check_name=result.check_name,
        partitions_subset=GRID.subset_with_partition_keys([result.partition or ""]),
    )
    with suppress(IntegrityError):  # planned before, by a tick that was killed
        _write(instance, record.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, planned)
    _write(instance, record.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION, result)


def _write(instance: dg.DagsterInstance, run_id: str, kind: dg.DagsterEventType, data: Any) -> None:
    event = dg.DagsterEvent(
        event_type_value=kind.value, job_name=BENCHMARK, event_specific_data=data
    )
    instance.report_dagster_event(event, run_id=run_id)


def _check_of(verdict: Verdict, record: dg.EventLogRecord) -> dg.AssetCheckEvaluation:
    target = AssetCheckEvaluationTargetMaterializationData(
        storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
    )
    row, baseline, found = verdict.row, verdict.baseline, verdict.comparison
    metadata: dict[str, Any] = {
        "state": str(verdict.state),
        "score_id": row["score_id"],
        "generated_by": dg.MetadataValue.dagster_run(row["dagster_run_id"]),
    }
    if baseline is not None:
        metadata["accepted"] = baseline["score_id"]
        metadata["accepted_run"] = dg.MetadataValue.dagster_run(baseline["dagster_run_id"])
    if found is not None:
        metadata |= {
            "verdict": found.verdict,
            "gained": len(found.gained),
            "lost": len(found.lost),
            "tasks_lost": dg.MetadataValue.json(list(found.lost[:20])),
            "p_value": found.paired.p_value,
            "differs": dg.MetadataValue.json(
                {k: list(map(str, v)) for k, v in found.differs.items()}
            ),
            "accept": f"darkwood nightly accept {verdict.partition}",
        }
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(SCORES.name),
        check_name=NO_REGRESSION,
        passed=verdict.state in _GOOD,
        severity=_severity([verdict]),
        description=verdict.line,
        metadata=metadata,
        partition=str(Cell(row["model"], row["prompt_variant"])),
        target_materialization_data=target,
    )


def _severity(verdicts: Sequence[Verdict]) -> dg.AssetCheckSeverity:
    worse = any(verdict.state is State.WORSE for verdict in verdicts)
    return dg.AssetCheckSeverity.ERROR if worse else dg.AssetCheckSeverity.WARN


def _judged(
    tables: str, record: dg.EventLogRecord, watched: int, *, accept_first: bool
) -> Verdict | None:
    """The verdict on a materialization's score; none if it is not kept or of another version."""
    materialization = record.asset_materialization
    score_id = materialization and materialization.metadata.get("score_id")
    if record.partition_key is None or score_id is None:
        return None
    row = kept_score(tables, *cell_of(record.partition_key), str(score_id.value))
    return None if row is None else judge_score(tables, row, watched, accept_first=accept_first)


def _again(verdict: Verdict, run: dg.DagsterRun) -> dg.RunRequest:
    """Ask the partition again as its run asked it, its answers made anew."""
    cell = Cell(verdict.row["model"], verdict.row["prompt_variant"])
    score_id = verdict.row["score_id"]
    placed = {name: value for name, value in run.tags.items() if name.startswith("dagster-")}
    config: Any = run.run_config
    asked = config.get("resources", {}).get("asking", {}).get("config", {})
    return dg.RunRequest(
        run_key=f"confirm {score_id}",
        tags=range_tags(cell, cell) | placed | {NIGHT: run.tags[NIGHT], CONFIRMS: score_id},
        run_config=run_config(**(asked | {"regenerate": True, "regeneration": None})),
    )
