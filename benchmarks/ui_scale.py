"""A grid of 40 models, 10 variants and 400 tasks: the leaderboard's build, the UI's pages, and what
SQLite holds before and after a purge.

    python benchmarks/ui_scale.py --folder /tmp/scale            # fills it once; takes minutes
    python benchmarks/ui_scale.py --folder /tmp/scale --browser  # pages in headless Chromium, too

Tables are made up and of the true schemas (tests/made). Dagster's records of them are made by real
runs, one a night over the whole grid, whose assets have the true names, metadata and log, and write
nothing anew. The leaderboard is the real asset, in a process of its own, whose peak
memory is the kernel's count. Pages are served by a real dagster-webserver over the real
definitions; each is loaded three times, and the slowest counts.
"""

import argparse
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "made")]
PAGE_LOADS = 3
LOG_LINES = 300
"""Of one run: as many as `assets.metadata.logged` writes in about eight hours."""


def main() -> None:
    arguments = _arguments()
    folder = arguments.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    _write_registries(folder, arguments.models, arguments.variants)
    os.environ |= {
        "DAGSTER_HOME": str(folder),
        "DARKWOOD_TABLES": str(folder / "tables"),
        "DARKWOOD_MODELS": str(folder / "models.yaml"),
        "DARKWOOD_VARIANTS": str(folder / "variants.yaml"),
    }
    if arguments.board_only:
        _board()
        return
    if not (folder / "tables" / "leaderboard.parquet").exists():
        _timed("tables filled", lambda: _fill(folder, arguments))
    if not (folder / "history").exists():
        _timed(f"{arguments.nights} nights recorded", lambda: _record(arguments.nights))
    command = [sys.executable, "-W", "ignore", *sys.argv, "--board-only"]
    print(subprocess.run(command, capture_output=True, text=True, check=True).stdout, end="")
    _print_sizes(folder, "before a purge")
    with _served() as address:
        _print_queries(address)
        if arguments.browser:
            _print_pages(address)
    _purge()
    _print_sizes(folder, "after a purge of all but each partition's newest")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--models", type=int, default=40)
    parser.add_argument("--variants", type=int, default=10)
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--browser", action="store_true", help="needs playwright and chromium")
    parser.add_argument("--board-only", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _write_registries(folder: Path, models: int, variants: int) -> None:
    entry = {"backend": "scripted", "file": "a.yaml", "sources": [{"local": "a.yaml"}]}
    registry = {
        f"model-{number}": {"title": f"Model {number}", "default": number == 0, **entry}
        for number in range(models)
    }
    (folder / "models.yaml").write_text(json.dumps({"models": registry}))
    asked = {"about": "made up", "schema": "typed", "system": "Answer with code."}
    made = {f"variant_{number}": asked for number in range(variants)}
    (folder / "variants.yaml").write_text(json.dumps(made))


def _fill(folder: Path, arguments: argparse.Namespace) -> None:
    """The tables of one model, and the same under every other model's name."""
    import polars as pl
    from made_store import Size, make_store

    from darkwood_bench.scoring import leaderboard_rows
    from darkwood_bench.tables import LEADERBOARD

    size = Size(1, arguments.variants, arguments.tasks, nights=1, prompt_chars=300, data_variants=1)
    tables = Path(make_store(folder, size))
    for first in [*tables.glob("*/model-0/*.parquet"), *tables.glob("history/model-0/*/*.parquet")]:
        frame = pl.read_parquet(first)
        for number in range(1, arguments.models):
            name = f"model-{number}"
            path = Path(str(first).replace("/model-0/", f"/{name}/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            named = frame.with_columns(model=pl.lit(name)) if "model" in frame.columns else frame
            named.write_parquet(path)
    (tables / "leaderboard.parquet").unlink()
    LEADERBOARD.frame(leaderboard_rows([])).write_parquet(tables / "leaderboard.parquet")


def _record(nights: int) -> None:
    """A run a night, with the events, metadata and log of true ones."""
    import dagster as dg

    from darkwood_bench.assets.metadata import asset_options, describe, markdown
    from darkwood_bench.launch import open_instance
    from darkwood_bench.partitions import GRID, Cell, cells, range_tags
    from darkwood_bench.resources import Bench
    from darkwood_bench.settings import settings_from_env
    from darkwood_bench.storage import read_table
    from darkwood_bench.tables import TABLES

    settings = settings_from_env()
    models = list(json.loads(settings.models[0].read_text())["models"])
    variants = list(json.loads(settings.variants.read_text()))
    joined: dict[str, list[str]] = {"runs": ["generations"], "tasks": [], "leaderboard": []}

    def pretended(name: str) -> Any:
        table = TABLES[name]
        partitioned = name not in ("tasks", "leaderboard")

        @dg.asset(
            name=name,
            partitions_def=GRID if partitioned else None,
            backfill_policy=dg.BackfillPolicy.single_run() if partitioned else None,
            deps=joined.get(name, []),
            **asset_options(table, "made_up", {"polars"}, owner="tasks", version="1", why="size"),
        )
        def made(context: dg.AssetExecutionContext) -> None:
            for line in range(LOG_LINES // len(TABLES)):
                context.log.info(f"{name} of 400, {line} tokens/s, about {line} s left")
            for key, cell in cells(context).items() if partitioned else ():
                frame = read_table(settings.tables, name, *cell)
                plain = [c for c, dtype in frame.schema.items() if not dtype.is_nested()][:7]
                more: dict[str, Any] = {}
                if name == "scores":
                    verdicts = read_table(settings.tables, "validations", *cell)
                    columns = ["task_id", "generation_id", "level", "failure_class"]
                    row = frame.row(0, named=True)
                    more = {k: row[k] for k in ("score_id", "N", "accuracy", "T", "score")}
                    more["trace"] = dg.MetadataValue.md(markdown(verdicts.select(columns)))
                context.add_asset_metadata(describe(frame, plain, **more), partition_key=key)

        return made

    assets = [pretended(name) for name in TABLES]
    job = dg.define_asset_job("benchmark", selection=dg.AssetSelection.all())
    definitions = dg.Definitions(assets=assets, jobs=[job], executor=dg.in_process_executor)
    resolved = definitions.resolve_job_def("benchmark")
    silent = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with open_instance(Bench(settings)) as instance:
        for night in range(nights):
            tags = range_tags(Cell(models[0], variants[0]), Cell(models[-1], variants[-1]))
            tags["darkwood/night"] = f"2026-11-{16 + night}"
            resolved.execute_in_process(instance=instance, tags=tags, run_config=silent)


def _board() -> None:
    """The real asset over all partitions; prints its time and this process's peak memory."""
    import dagster as dg

    from darkwood_bench.definitions import build_definitions
    from darkwood_bench.resources import Bench
    from darkwood_bench.settings import settings_from_env

    definitions = build_definitions(Bench(settings_from_env()))
    job = dg.define_asset_job("board", selection=dg.AssetSelection.assets("leaderboard"))
    resolved = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job])).resolve_job_def(
        "board"
    )
    with dg.DagsterInstance.ephemeral() as instance:
        began = time.monotonic()
        assert resolved.execute_in_process(instance=instance).success
        took = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"leaderboard built in {took:.1f} s, {peak:.2f} GB at most (limits: 30 s, 1 GB)")


@contextmanager
def _served() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dagster_webserver", "-w", str(ROOT / "workspace.yaml")]
    log = Path(os.environ["DAGSTER_HOME"]) / "webserver.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port)],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 300
    while True:
        try:
            _ask(address, "{ version }")
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _ask(address: str, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=120) as reply:
        found = json.load(reply)
    assert "errors" not in found, found["errors"]
    return found["data"]


QUERIES = {
    "asset catalogue": """{ assetNodes { id groupName kinds hasMaterializePermission
        assetKey { path } partitionStats { numMaterialized numPartitions numFailed }
        latestMaterializationByPartition(partitions: ["model-0|variant_0"]) { timestamp } } }""",
    "partition grid of scores": """{ assetNodeOrError(assetKey: {path: ["scores"]}) {
        ... on AssetNode { partitionKeysByDimension { name partitionKeys }
        assetPartitionStatuses { __typename ... on MultiPartitionStatuses {
        ranges { primaryDimStartKey primaryDimEndKey } } } } } }""",
    "a score's metadata": """{ assetNodeOrError(assetKey: {path: ["scores"]}) {
        ... on AssetNode { assetMaterializations(partitions: ["model-7|variant_3"], limit: 1) {
        timestamp runId metadataEntries { label ... on MarkdownMetadataEntry { mdStr } } } } } }""",
    "plots of scores over time": """{ assetNodeOrError(assetKey: {path: ["scores"]}) {
        ... on AssetNode { assetMaterializations(limit: 100) { timestamp partition
        metadataEntries { label ... on FloatMetadataEntry { floatValue } } } } } }""",
    "list of runs": """{ runsOrError(limit: 25) { ... on Runs {
        results { runId status tags { key value } startTime endTime } count } } }""",
}


def _print_queries(address: str) -> None:
    for name, query in QUERIES.items():
        times = [_time(lambda query=query: _ask(address, query)) for _ in range(PAGE_LOADS)]
        print(f"GraphQL of the {name}: {max(times):.2f} s (limit: 3 s)")


def _print_pages(address: str) -> None:
    from playwright.sync_api import sync_playwright

    newest = _ask(address, "{ runsOrError(limit: 1) { ... on Runs { results { runId } } } }")
    run = newest["runsOrError"]["results"][0]["runId"]
    pages = {
        "asset catalogue": ("/assets", "leaderboard"),
        "asset graph": ("/asset-groups", "6_score"),
        "scores, its partitions": ("/assets/scores?view=partitions", "variant_0"),
        "a score's metadata": (
            "/assets/scores?view=partitions&partition=model-7%7Cvariant_3",
            "accuracy",
        ),
        "list of runs": ("/runs", "benchmark"),
        "one run": (f"/runs/{run}", "Events"),
    }
    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        flags += ["--disable-component-update", "--disable-sync", "--no-first-run"]
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(address)  # the UI's own code is fetched once
        page.wait_for_load_state("networkidle")
        for name, (path, text) in pages.items():

            def load(path: str = path, text: str = text) -> None:
                page.goto(f"{address}{path}", wait_until="domcontentloaded")
                page.get_by_text(text).first.wait_for(timeout=60_000)

            times = [_time(load) for _ in range(PAGE_LOADS)]
            print(f"page of the {name}: {max(times):.2f} s (limit: 3 s)")
        browser.close()


def _purge() -> None:
    from darkwood_bench.launch import open_instance
    from darkwood_bench.purge import purge
    from darkwood_bench.resources import Bench
    from darkwood_bench.settings import settings_from_env

    bench = Bench(settings_from_env())
    with open_instance(bench) as instance:
        _timed("purged", lambda: purge(instance, keep_days=0))


def _print_sizes(folder: Path, when: str) -> None:
    kinds = {"runs and events (SQLite)": "history", "output of steps": "storage"}
    sizes = {
        kind: sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
        for kind, name in kinds.items()
    }
    said = ", ".join(f"{kind} {size / 1e6:.1f} MB" for kind, size in sizes.items())
    print(f"{when}: {said}")


def _timed(what: str, work: Callable[[], Any]) -> None:
    print(f"{what} in {_time(work):.1f} s", flush=True)


def _time(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
