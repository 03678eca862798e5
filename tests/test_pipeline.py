"""The whole graph, with a scripted model: every stage is the real one."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from darkwood_bench.assets import executions as executions_module
from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.definitions import build_definitions
from darkwood_bench.launch import StageFailure, open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.progress import Progress
from darkwood_bench.prompting import load_variants
from darkwood_bench.report_source import report_folder
from darkwood_bench.resources import Bench
from darkwood_bench.storage import read_table
from darkwood_bench.tables import TABLES

EXPECTED = {
    "zoo/heavy": (True, None),
    "zoo/per-kind": (False, "unknown_method"),
    "zoo/oldest": (False, "wrong_values"),
    "zoo/fed": (False, "unknown_column"),
    "zoo/unweighed": (False, "no_code"),
}


@pytest.fixture
def instance(bench: Bench) -> Any:
    with open_instance(bench) as instance:
        yield instance


def run(instance: dg.DagsterInstance, bench: Bench, *variants: str, **config: Any) -> list[str]:
    cells = [Cell("script", variant) for variant in variants]
    order = list(load_variants(bench.settings.variants))
    return run_grid(instance, bench, cells, order, RunConfig(**config))


def table(bench: Bench, name: str, variant: str | None = None) -> pl.DataFrame:
    partition = ("script", variant) if variant else ()
    return read_table(bench.settings.tables, name, *partition)


def test_questions_become_verdicts_and_a_score_on_the_board(
    instance: dg.DagsterInstance, bench: Bench
) -> None:
    (run_id,) = run(instance, bench, "minimal", "schema", "few_shot")

    for variant in ("minimal", "schema", "few_shot"):
        verdicts = table(bench, "validations", variant).rows_by_key("task_id", named=True)
        found = {
            task: (rows[0]["correct"], rows[0]["failure_class"]) for task, rows in verdicts.items()
        }
        assert found == EXPECTED
        whole = table(bench, "scores", variant).row(0, named=True)
        walls = table(bench, "generations", variant)["wall_s"]
        assert (whole["N"], whole["n_tasks"], whole["slice"]) == (1, 5, "quick")
        versions = json.loads(whole["versions"])
        assert versions["polars"] == pl.__version__  # which ran the answers
        assert "python" in versions  # which made them
        assert whole["T"] == pytest.approx(walls.sum())
        assert whole["score"] == pytest.approx(1 / walls.sum())
        assert whole["dagster_run_id"] == run_id
    board = table(bench, "leaderboard")
    assert set(board["prompt_variant"]) == {"minimal", "schema", "few_shot"}
    assert board["score"].is_sorted(descending=True)


def test_an_answer_right_on_the_base_data_alone_is_wrong(
    instance: dg.DagsterInstance, bench: Bench, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.yaml"
    # No animal of the base data weighs between 20 and 38 kg.
    code = 'result = animals.filter(pl.col("weight_kg") >= 38).select("name")'
    answers.write_text(f"answers: [{{match: weigh more than 20 kg, text: {json.dumps(code)}}}]")
    registry = tmp_path / "models.yaml"
    registry.write_text(
        "models: {script: {title: t, default: true, backend: scripted, file: answers.yaml, "
        "sources: [{local: answers.yaml}]}}"
    )
    bench = Bench(replace(bench.settings, models=registry))
    run(instance, bench, "minimal")
    verdict = table(bench, "validations", "minimal").filter(task_id="zoo/heavy").row(0, named=True)
    assert (verdict["correct"], verdict["correct_on_base"]) == (False, True)
    assert any(name.startswith("boundaries") for name in verdict["caught_by"])
    assert table(bench, "scores", "minimal").row(0, named=True)["n_base_only"] == 1
    ran = table(bench, "executions", "minimal").filter(task_id="zoo/heavy")
    assert ran["data_variant"][0] == "base"
    assert set(verdict["caught_by"]) < set(ran["data_variant"])


def test_a_wrong_result_is_kept_beside_gold_as_far_as_a_page_shows_it(
    instance: dg.DagsterInstance, bench: Bench
) -> None:
    run(instance, bench, "minimal")
    rows = table(bench, "differences", "minimal").rows_by_key("task_id", named=True)
    wrong = rows["zoo/oldest"][0]
    verdict = table(bench, "validations", "minimal").filter(task_id="zoo/oldest")
    assert wrong["generation_id"] == verdict["generation_id"][0]
    assert wrong["pairs"]
    assert any(any(pair["differs"] or []) for pair in wrong["pairs"])
    assert wrong["gold_head"]
    assert wrong["expected_rows"] == wrong["gold_rows"]
    for name in ("zoo/heavy", "zoo/fed"):  # right, and without a result
        assert rows[name][0]["pairs"] == []
        assert rows[name][0]["gold_head"]
    assert rows["zoo/fed"][0]["got_rows"] is None


def test_the_report_is_made_of_what_a_run_left(instance: dg.DagsterInstance, bench: Bench) -> None:
    run(instance, bench, "minimal", "schema")
    job = build_definitions(bench).resolve_job_def("report_pages")
    assert job.execute_in_process(instance=instance).success
    folder = report_folder(bench.settings)
    oldest = (folder / "answers" / "zoo" / "oldest" / "script.html").read_text()
    assert "differs: " in oldest
    assert 'id="minimal"' in oldest
    assert "zoo/heavy" in (folder / "tasks.html").read_text()
    assert "Repair and dry runs" in (folder / "cost.html").read_text()


def test_each_score_leads_back_to_its_prompts_and_code(
    instance: dg.DagsterInstance, bench: Bench
) -> None:
    run(instance, bench, "few_shot")
    tasks = table(bench, "tasks")
    prompts = table(bench, "prompts", "few_shot")
    generations = table(bench, "generations", "few_shot")
    executions = table(bench, "executions", "few_shot")
    validations = table(bench, "validations", "few_shot")
    base = executions.filter(data_variant="base")
    chain = (
        validations.join(base, on=["generation_id", "task_id"])
        .join(generations, on=["generation_id", "task_id"], suffix="_generated")
        .join(prompts, on=["prompt_id", "task_id"])
        .join(tasks, on="task_id", suffix="_task")
    )
    assert chain.height == validations.height == 5
    shown = set(prompts["example_task_ids"][0])
    assert len(shown) == 4
    assert shown <= set(tasks.filter(split="examples")["task_id"])

    event = instance.get_latest_materialization_event(dg.AssetKey("scores"))
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    for asset in ("generations", "prompts"):
        assert "partition=script%7Cfew_shot" in str(metadata[asset].value)
    assert metadata["N"].value == 1


def test_a_second_run_asks_nothing_and_scores_the_same(
    instance: dg.DagsterInstance, bench: Bench
) -> None:
    run(instance, bench, "schema")
    first = table(bench, "scores", "schema")
    run(instance, bench, "schema")
    assert table(bench, "runs", "schema")["n_reused"].to_list() == [5]
    assert table(bench, "scores", "schema")["score_id"].equals(first["score_id"])

    run(instance, bench, "schema", regenerate=True)
    assert table(bench, "runs", "schema")["n_reused"].to_list() == [0]


def test_a_limit_asks_so_many_and_is_ranked_apart(
    instance: dg.DagsterInstance, bench: Bench
) -> None:
    run(instance, bench, "minimal")
    run(instance, bench, "schema", limit=2)
    board = table(bench, "leaderboard")
    assert [tuple(row) for row in board.select("slice", "n_tasks", "rank").iter_rows()] == [
        ("quick", 5, 1),
        ("limit 2", 2, 1),
    ]
    # A smaller run of the same system is kept, and the board goes on to show the fuller one.
    run(instance, bench, "minimal", limit=1)
    assert table(bench, "scores", "minimal")["n_tasks"][0] == 1
    board = table(bench, "leaderboard")
    assert dict(board.select("prompt_variant", "n_tasks").iter_rows()) == {
        "minimal": 5,
        "schema": 2,
    }


def test_variants_that_are_not_neighbours_are_not_joined_by_the_one_between(
    instance: dg.DagsterInstance, bench: Bench
) -> None:
    assert len(run(instance, bench, "minimal", "few_shot", limit=1)) == 2
    assert table(bench, "scores", "schema") is None


def test_a_table_that_breaks_its_contract_stops_what_would_read_it(
    instance: dg.DagsterInstance, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = executions_module.execute

    def melt(*args: Any) -> list[dict[str, Any]]:
        return [row | {"status": "melted"} for row in execute(*args)]

    monkeypatch.setattr(executions_module, "execute", melt)
    with pytest.raises(StageFailure, match=r"executions breaks its contract.*melted"):
        run(instance, bench, "minimal", limit=1)
    assert table(bench, "executions", "minimal") is not None
    assert table(bench, "validations", "minimal") is None


def test_a_stage_that_fails_says_so_in_a_line_with_its_cause(
    instance: dg.DagsterInstance, bench: Bench, tmp_path: Path
) -> None:
    bad = tmp_path / "bank"
    (bad / "broken").mkdir(parents=True)
    (bad / "broken" / "suite.yaml").write_text("name: broken\n")
    with pytest.raises(StageFailure, match=r"tasks: .*suite\.yaml"):
        run(instance, Bench(replace(bench.settings, datasets=bad)), "minimal")


def test_a_suite_whose_data_cannot_be_had_stops_only_those_who_need_it(
    instance: dg.DagsterInstance, bench: Bench, tmp_path: Path
) -> None:
    bank = tmp_path / "bank"
    shutil.copytree(bench.settings.datasets / "zoo", bank / "zoo")
    shutil.copytree(bench.settings.datasets / "zoo", bank / "gone")
    suite = bank / "gone" / "suite.yaml"
    suite.write_text(suite.read_text().replace("name: zoo", "name: gone"))
    for table_file in (bank / "gone" / "tables").iterdir():
        table_file.write_bytes(b"a,b\n1,2,3\n")  # ends as DatabaseError
    (bank / "unread").mkdir()
    (bank / "unread" / "suite.yaml").write_text("name: unread\n")
    said: list[Progress] = []
    without = Bench(replace(bench.settings, datasets=bank), said.append)
    run(instance, without, "minimal", suites=["zoo"])
    assert set(table(without, "tasks")["suite"]) == {"zoo"}
    for name in ("gone", "unread"):
        assert any("left out: " in step.note and step.subject == f"suite {name}" for step in said)
    with pytest.raises(StageFailure, match=r"tasks: .*gone.*\.csv: "):
        run(instance, without, "minimal", suites=["gone"])
    with pytest.raises(StageFailure, match=r"unread/suite.yaml:1: title: is missing"):
        run(instance, without, "minimal", suites=["unread"])


def test_every_table_has_a_blocking_check() -> None:
    from darkwood_bench.definitions import defs

    checked = {
        spec.asset_key.to_user_string()
        for check in defs.asset_checks or ()
        for spec in check.check_specs
        if spec.blocking
    }
    assert checked == set(TABLES)
