"""Which partitions show as stale, and what the refresh asks for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.assets.sources import changed_sources, report_changed_sources
from darkwood_bench.definitions import build_definitions
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.prompting import load_variants
from darkwood_bench.resources import Bench
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.stale_cells import refresh, stale_cells

VARIANTS = ("minimal", "schema")
EVERY_CELL = {Cell(model, variant) for model in ("script", "slow") for variant in VARIANTS}


class Scored:
    """Two models under two variants, scored over registries and a bank that may be edited."""

    def __init__(self, bench: Bench, instance: dg.DagsterInstance) -> None:
        self.bench, self.instance = bench, instance
        self.order = list(load_variants(bench.settings.variants))
        self.repository = build_definitions(bench).get_repository_def()

    def run(self, cells: Any, **config: Any) -> None:
        run_grid(self.instance, self.bench, list(cells), self.order, RunConfig(**config))

    def stale(self) -> dict[Cell, list[str]]:
        report_changed_sources(self.instance, self.bench.settings)
        return stale_cells(self.instance, self.repository.asset_graph)

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))


def at(home: Path) -> Settings:
    """Registries, a bank, tables and a Dagster home, all in one folder."""
    bank = home / "bank"
    return Settings(
        dagster_home=home,
        datasets=bank,
        cache=settings_from_env().cache,
        models=(bank / "models.yaml",),
        own_models=bank / "models.yaml",
        variants=home / "variants.yaml",
        tables=str(home / "tables"),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scored once; each test has a copy."""
    home = tmp_path_factory.mktemp("scored")
    shared = settings_from_env()
    shutil.copytree(shared.datasets, home / "bank")
    # As fast as the other: what is looked at is not its time.
    (home / "bank" / "slow.yaml").write_text((home / "bank" / "answers.yaml").read_text())
    shutil.copyfile(shared.variants, home / "variants.yaml")
    bench = Bench(at(home))
    with open_instance(bench) as instance:
        Scored(bench, instance).run(sorted(EVERY_CELL), limit=2)
    return home


@pytest.fixture
def scored(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scored]:
    own = tmp_path / "home"
    shutil.copytree(home, own)
    bench = Bench(at(own))
    monkeypatch.setenv("DARKWOOD_DATASETS", str(bench.settings.datasets))
    monkeypatch.setenv("DARKWOOD_MODELS", str(bench.settings.own_models))
    monkeypatch.setenv("DARKWOOD_VARIANTS", str(bench.settings.variants))
    with open_instance(bench) as instance:
        yield Scored(bench, instance)


def test_nothing_is_stale_that_nothing_changed_for(scored: Scored) -> None:
    assert scored.stale() == {}
    assert list(changed_sources(scored.instance, scored.bench.settings)) == []
    # Nor is it after a description, or another run of the same.
    variants = yaml.safe_load(scored.bench.settings.variants.read_text())
    variants["minimal"]["about"] = "Something else."
    scored.bench.settings.variants.write_text(yaml.safe_dump(variants, sort_keys=False))
    scored.edit(scored.bench.settings.models[0], "title: Scripted", "title: Written")
    (scored.bench.settings.datasets / "zoo" / "README.md").write_text("About the zoo.")
    scored.run([Cell("script", "minimal")], limit=2)
    assert scored.stale() == {}


def test_an_edited_prompt_variant_makes_its_own_cells_stale(scored: Scored) -> None:
    scored.edit(scored.bench.settings.variants, "a question with the Polars", "with the Polars")
    stale = scored.stale()
    assert set(stale) == {Cell("script", "minimal"), Cell("slow", "minimal")}
    assert all(any("prompt_variants" in why for why in causes) for causes in stale.values())


def test_changed_weights_make_their_models_cells_stale(scored: Scored) -> None:
    scored.edit(scored.bench.settings.datasets / "slow.yaml", "answers:", "answers: # again")
    assert set(scored.stale()) == {Cell("slow", variant) for variant in VARIANTS}


def test_a_changed_dataset_makes_every_cell_stale(scored: Scored) -> None:
    tasks = scored.bench.settings.datasets / "zoo" / "tasks.jsonl"
    lines = [json.loads(line) for line in tasks.read_text().splitlines()]
    lines[0]["question"] += " Please."
    tasks.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert set(scored.stale()) == EVERY_CELL


def test_the_refresh_asks_for_just_what_is_stale_as_it_was_asked(scored: Scored) -> None:
    def requests() -> list[dg.RunRequest]:
        context = dg.build_sensor_context(
            instance=scored.instance, repository_def=scored.repository
        )
        return list(refresh.evaluate_tick(context).run_requests or [])

    assert refresh.default_status == dg.DefaultSensorStatus.STOPPED
    assert requests() == []
    scored.edit(scored.bench.settings.variants, "a question with the Polars", "with the Polars")
    found = requests()
    assert [
        (
            request.tags["dagster/asset_partition_range_start"],
            request.tags["dagster/asset_partition_range_end"],
            request.run_config["resources"]["asking"]["config"]["limit"],
        )
        for request in found
    ] == [("script|minimal", "script|minimal", 2), ("slow|minimal", "slow|minimal", 2)]
    assert [request.run_key for request in requests()] == [request.run_key for request in found]

    job = build_definitions(scored.bench).resolve_job_def("benchmark")
    tags, config = dict(found[0].tags), dict(found[0].run_config)
    done = job.execute_in_process(instance=scored.instance, tags=tags, run_config=config)
    assert done.success
    (left,) = requests()
    assert left.tags == found[1].tags
    assert set(scored.stale()) == {Cell("slow", "minimal")}
