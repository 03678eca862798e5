"""`darkwood doctor --cluster`: can the main job run over the cluster, and what would mend it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from upath import UPath

from darkwood_bench.commands.findings import Finding
from darkwood_bench.harness import ModelSpec, RegistryError, default_model, load_models
from darkwood_bench.sandbox import SandboxError
from darkwood_bench.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from darkwood_bench.cluster.nodes import Node, NodeReport

EXAMPLE = "see deploy/ray/dagster.yaml and docs/scale.md"


def examine_cluster(settings: Settings) -> Iterator[Finding]:
    """Every finding: where things are kept, the database, the launcher, and each node."""
    yield _store("tables", "DARKWOOD_TABLES", settings.tables)
    yield _store("store", "DARKWOOD_SHARED", settings.shared)
    yield from _instance(settings)
    if find_spec("ray") is None or find_spec("dagster_ray") is None:
        fix = "pip install -e '.[ray]' here and on every node"
        yield Finding("nodes", "ray is not installed here", fix, stops_the_run=True)
        return
    from darkwood_bench.cluster.nodes import alive_nodes

    try:
        nodes = alive_nodes()
        models = load_models(settings.models)
    except SandboxError as error:
        yield _stop("nodes", error)
        return
    except RegistryError as error:
        yield Finding("registries", str(error), "mend the file", stops_the_run=True)
        return
    yield from _nodes(nodes, settings, models)


def _store(what: str, variable: str, url: str | None) -> Finding:
    """Whether an object can be written, read and deleted where every machine looks."""
    if url is None or UPath(url).protocol in ("", "file", "memory"):
        found = f"{variable} is {url or 'not set'}: on this machine alone"
        fix = f"set {variable} to a URL such as s3://BUCKET/{what}; or, where all nodes mount one "
        return Finding(what, found, f"{fix}folder, keep it", stops_the_run=url is None)
    probe = UPath(url) / f".doctor-{uuid4().hex}"
    began = time.monotonic()
    try:
        probe.write_bytes(b"darkwood")
        same = probe.read_bytes() == b"darkwood"
        probe.unlink()
    except Exception as error:  # whatever the store's client raises
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        fix = "make the bucket, and give its address and key in AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID"
        return Finding(what, f"{url}: {reason}", f"{fix} and AWS_SECRET_ACCESS_KEY", True)
    if not same:
        return Finding(what, f"{url}: it does not give back what it took", "mend the store", True)
    return Finding(what, f"{url}: written, read, deleted in {time.monotonic() - began:.2f} s")


def _instance(settings: Settings) -> Iterator[Finding]:
    """The database of Dagster's runs, and what launches them."""
    import dagster as dg

    try:
        instance = dg.DagsterInstance.from_config(str(settings.dagster_home))
        n_runs = instance.get_runs_count()
    except Exception as error:  # whatever the configuration, or the database's driver, raises
        cause = _first_cause(error)
        reason = " ".join(f"{type(cause).__name__}: {cause}".split())[:300]
        fix = f"start PostgreSQL and set DAGSTER_PG_*; {EXAMPLE}"
        yield Finding("database", f"{settings.dagster_home}: {reason}", fix, stops_the_run=True)
        return
    with instance:
        kind = type(instance.run_storage).__name__
        if "Sqlite" in kind:
            fix = f"give {settings.dagster_home}/dagster.yaml a postgres storage; {EXAMPLE}"
            yield Finding("database", "SQLite, which serves one machine", fix, stops_the_run=True)
        else:
            yield Finding("database", f"{kind} answers: {n_runs} runs")
        yield _pool(instance)
        launcher = instance.run_launcher
        name = type(launcher).__name__
        if name != "ModelRunLauncher":
            fix = f"name darkwood_bench.cluster.launcher in dagster.yaml; {EXAMPLE}"
            yield Finding("launcher", f"{name}: runs stay on this machine", fix)
            return
        yield _job_server(launcher)


def _first_cause(error: BaseException) -> BaseException:
    """What was raised first: Dagster's own error says only that it has tried often enough."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _pool(instance: "DagsterInstance") -> Finding:
    """Whether runs on several nodes may generate at once."""
    limits = {limit.name: limit.limit for limit in instance.event_log_storage.get_pool_limits()}
    limit = limits.get("gpu", instance.get_concurrency_config().pool_config.default_pool_limit)
    found = f"gpu: {'no limit' if limit is None else f'{limit} at once'}"
    fix = "dagster instance concurrency set gpu 256" if limit == 1 else ""
    return Finding("pool", found, fix and f"{fix}, or only one run at a time works")


def _job_server(launcher: Any) -> Finding:
    try:
        version = launcher.client.get_version()
    except Exception as error:  # whatever Ray's client, or its HTTP library, raises
        reason = " ".join(str(error).split())[:200]
        fix = "set RAY_JOBS to http://HEAD:8265, and start the head with its dashboard"
        return Finding("launcher", f"{launcher.address}: {reason}", fix, stops_the_run=True)
    return Finding("launcher", f"{launcher.address} takes jobs (version {version})")


def _nodes(
    nodes: Sequence["Node"], settings: Settings, models: Mapping[str, ModelSpec]
) -> Iterator[Finding]:
    from darkwood_bench.cluster.nodes import START, ask_each, on_any, report, unfit

    executing = [node for node in nodes if node.slots]
    slots = f"{len(executing)} of {len(nodes)} run code, {on_any(executing)} programs at once"
    if executing:
        yield Finding("nodes", slots)
    else:
        yield Finding("nodes", slots, f"offer slots on one: {START}", stops_the_run=True)
    for name, spec in models.items():
        if spec.resources and not any(node.fits(spec.resources.ray()) for node in nodes):
            asked = ", ".join(f"{key} {value:g}" for key, value in spec.resources.ray().items())
            fix = "its runs would wait for ever: add such a node, or ask for less in its entry"
            yield Finding("resources", f"{name}: no node has {asked}", fix)
    answers = list(zip(nodes, ask_each(nodes, report), strict=True))
    silent = [(node, found) for node, found in answers if isinstance(found, Exception)]
    for node, error in silent:
        fix = "install darkwood-bench[ray] of this version there, and start the node again"
        reason = f"{node}: {' '.join(str(error).split())[-200:]}"
        yield Finding("versions", reason, fix, stops_the_run=True)
    spoke = [(node, found) for node, found in answers if not isinstance(found, Exception)]
    yield from _versions(spoke)
    for node, found in spoke:
        if not node.slots:
            continue
        where = f"{node} on {found.host}: {found.level}"
        problem = unfit(found, settings.min_isolation)
        if problem and problem.weak:
            yield Finding("isolation", where, problem.words, stops_the_run=True)
        else:
            yield Finding("isolation", where)
    yield from _weights([node for node, _ in spoke if node.cpus], models)


def _versions(spoke: Sequence[tuple["Node", "NodeReport"]]) -> Iterator[Finding]:
    """Equal versions everywhere, of all that an answer or a run depends on."""
    from darkwood_bench.cluster.nodes import report

    here = report().packages
    unequal = False
    for node, found in spoke:
        if differing := {
            name: f"{name} {found.packages.get(name)}, here {version}"
            for name, version in here.items()
            if found.packages.get(name) != version
        }:
            unequal = True
            fix = "install the same on every machine: pip install -c constraints.txt"
            found_there = f"{node}: {'; '.join(differing.values())}"
            yield Finding("versions", found_there, fix, stops_the_run=True)
    if spoke and not unequal:
        versions = ", ".join(f"{name} {version}" for name, version in here.items())
        yield Finding("versions", f"equal on {len(spoke)} nodes and here: {versions}")


def _weights(nodes: Sequence["Node"], models: Mapping[str, ModelSpec]) -> Iterator[Finding]:
    """Of every model of the registry, whether each node that generates has or can fetch them. The
    default model's are wanted where its runs may go; who has no use for another model may do
    without its weights."""
    from darkwood_bench.cluster.nodes import ask_each
    from darkwood_bench.commands.weights_here import missing_weights

    default = default_model(models)
    asked = models[default].resources
    for node, missing in zip(nodes, ask_each(nodes, missing_weights), strict=True):
        if isinstance(missing, Exception):
            fix = "set DARKWOOD_MODELS to a file that is on the nodes too"
            yield Finding("weights", f"{node}: {' '.join(str(missing).split())[-200:]}", fix, True)
        elif missing:
            fix = "put them into a folder there and set DARKWOOD_WEIGHTS, or let it reach a source"
            found = f"{node}: no source answers for {', '.join(missing)}"
            goes_there = asked is None or node.fits(asked.ray())
            yield Finding("weights", found, fix, stops_the_run=goes_there and default in missing)
        else:
            yield Finding("weights", f"{node}: every model's are there, or can be fetched")


def _stop(what: str, error: Exception) -> Finding:
    found, _, fix = str(error).partition("; ")
    return Finding(what, found, fix, stops_the_run=True)
