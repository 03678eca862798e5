"""What Dagster is given: it loads, its schedule asks for the right runs, its UI can launch them."""

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.webserver import DagsterWebserver
from starlette.testclient import TestClient

from darkwood_bench.automation import run_config
from darkwood_bench.definitions import defs
from darkwood_bench.settings import PROJECT
from darkwood_bench.tables import TABLES

LAUNCH_TIMEOUT_S = 300
HOME_CONFIG = """
telemetry: {enabled: false}
run_coordinator: {module: dagster._core.run_coordinator, class: DefaultRunCoordinator}
concurrency: {pools: {default_limit: 1, granularity: op}}
"""
BANK = Path(__file__).parent / "bank"
REGISTRY = """
models:
  script:
    {{title: Scripted answers, default: true, backend: scripted, file: answers.yaml,
    sources: [{{local: {answers}}}]}}
  broken:
    {{title: No answers, backend: scripted, file: none.yaml, sources: [{{local: none.yaml}}]}}
"""
LAUNCH = """
mutation Launch($tags: [ExecutionTag!]!, $config: RunConfigData!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "darkwood_bench"
      repositoryName: "__repository__"
      jobName: "benchmark"
    }
    runConfigData: $config
    executionMetadata: {tags: $tags}
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}
"""
STATUS = """
query Status($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }
"""
PARTITIONS = """
query Partitions($asset: String!) {
  assetNodeOrError(assetKey: {path: [$asset]}) {
    ... on AssetNode {
      partitionStats { numMaterialized numFailed }
      assetPartitionStatuses {
        ... on MultiPartitionStatuses {
          ranges {
            primaryDimStartKey
            secondaryDim {
              ... on DefaultPartitionStatuses { materializedPartitions failedPartitions }
            }
          }
        }
      }
    }
  }
}
"""
SCORE = """
query Score($partition: String!) {
  assetNodeOrError(assetKey: {path: ["scores"]}) {
    ... on AssetNode {
      assetMaterializations(partitions: [$partition]) {
        metadataEntries {
          label
          ... on IntMetadataEntry { intValue }
          ... on UrlMetadataEntry { url }
        }
      }
    }
  }
}
"""


def test_every_table_is_an_asset_in_a_stage_job_and_the_whole_in_one() -> None:
    graph = defs.get_repository_def().asset_graph
    assert {key.to_user_string() for key in graph.materializable_asset_keys} == {
        *TABLES,
        "report",
    }
    jobs = {job.name for job in defs.resolve_all_job_defs()}
    assert {
        "benchmark",
        "curate",
        "ask",
        "answer",
        "execute",
        "validate",
        "score",
        "report_pages",
    } <= jobs


def test_the_night_asks_every_model_everything_in_a_run_each_and_is_off_by_default() -> None:
    nightly = defs.resolve_schedule_def("nightly")
    assert nightly.default_status == dg.DefaultScheduleStatus.STOPPED
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC),
            repository_def=defs.get_repository_def(),
        )
        requests = nightly.evaluate_tick(context).run_requests or []
    ranges = {
        (
            request.tags["dagster/asset_partition_range_start"],
            request.tags["dagster/asset_partition_range_end"],
        )
        for request in requests
    }
    assert ranges == {
        (f"{model}|minimal", f"{model}|best_cpu") for model in ("script", "slow", "smollm2-135m")
    }
    assert all(
        request.run_config == run_config(quick=False, regenerate=True) for request in requests
    )


def test_what_is_timed_or_loads_the_processors_shares_one_pool() -> None:
    graph = defs.get_repository_def().asset_graph
    pools = {
        key.to_user_string(): graph.get(key).assets_def.op.pool
        for key in graph.materializable_asset_keys
    }
    held = {table for table, pool in pools.items() if pool == "gpu"}
    assert held == {
        "generations",
        "runs",
        "executions",
        "validations",
        "differences",
    }
    assert pools["leaderboard"] == "board"


@pytest.fixture
def ui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The UI's own server, in this process, over the project's workspace file."""
    (tmp_path / "dagster.yaml").write_text(HOME_CONFIG)
    (tmp_path / "models.yaml").write_text(REGISTRY.format(answers=BANK / "answers.yaml"))
    monkeypatch.setenv("DARKWOOD_MODELS", str(tmp_path / "models.yaml"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PROJECT), *os.sys.path]))  # type: ignore[attr-defined]
    target = WorkspaceFileTarget(paths=[str(PROJECT / "workspace.yaml")])
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, target) as context,
        TestClient(DagsterWebserver(context).create_asgi_app()) as client,
    ):
        yield client


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    reply = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in reply, reply
    return reply["data"]


def launch(client: TestClient, partition: str) -> str:
    """Run one cell as a person does, and give how it ended."""
    launched = ask(
        client,
        LAUNCH,
        tags=[{"key": "dagster/partition", "value": partition}],
        config={"resources": {"asking": {"config": {"limit": 5}}}},
    )["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    deadline = time.monotonic() + LAUNCH_TIMEOUT_S
    status = ""
    while status not in ("SUCCESS", "FAILURE") and time.monotonic() < deadline:
        time.sleep(0.5)
        status = ask(client, STATUS, id=run_id)["runOrError"]["status"]
    return status


def test_a_partition_that_is_launched_in_the_ui_gives_a_score_there(ui: TestClient) -> None:
    assert launch(ui, "script|schema") == "SUCCESS"
    (written,) = ask(ui, SCORE, partition="script|schema")["assetNodeOrError"][
        "assetMaterializations"
    ]
    entries = {entry["label"]: entry for entry in written["metadataEntries"]}
    assert entries["n_tasks"]["intValue"] == 5
    assert entries["N"]["intValue"] == 1
    assert entries["generations"]["url"].endswith("partition=script%7Cschema")


def test_a_partition_that_failed_is_shown_as_failed_beside_one_that_did_not(
    ui: TestClient,
) -> None:
    assert launch(ui, "script|schema") == "SUCCESS"
    assert launch(ui, "broken|schema") == "FAILURE"  # its answers are nowhere
    shown = ask(ui, PARTITIONS, asset="generations")["assetNodeOrError"]
    assert shown["partitionStats"] == {"numMaterialized": 1, "numFailed": 1}
    of_model = {
        row["primaryDimStartKey"]: row["secondaryDim"]
        for row in shown["assetPartitionStatuses"]["ranges"]
    }
    assert of_model["script"]["materializedPartitions"] == ["schema"]
    assert of_model["broken"] == {"materializedPartitions": [], "failedPartitions": ["schema"]}


def test_every_asset_says_whose_it_is_what_it_holds_and_where_its_columns_are_from() -> None:
    graph = defs.get_repository_def().asset_graph
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.owners, key
        assert node.kinds, key
        assert node.description, key
    columns = {f"{table}.{column}" for table in TABLES for column in TABLES[table].columns}
    for key in (dg.AssetKey(table) for table in TABLES):
        node = graph.get(key)
        schema = node.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == list(
            TABLES[key.to_user_string()].columns
        )
        assert all(column.description for column in schema.columns)
        (code,) = node.metadata["dagster/code_references"].code_references
        assert "darkwood_bench/assets/" in code.source
        lineage = node.metadata["dagster/column_lineage"].deps_by_column
        assert lineage.keys() <= set(TABLES[key.to_user_string()].columns), key
        beside = node.assets_def.keys  # two tables of one stage
        above = {one.to_user_string() for one in node.parent_keys | beside}
        for column, sources in lineage.items():
            for source in sources:
                of = source.asset_key.to_user_string()
                assert f"{of}.{source.column_name}" in columns, (key, column)
                assert of in above, (key, column)
        if key.to_user_string() != "tasks":
            assert lineage
