"""The nodes of the Ray cluster, and what each of them can do."""

import logging
import os
import platform
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from darkwood_bench.sandbox import (
    ALLOW_UNISOLATED,
    SandboxError,
    SandboxUnavailable,
    probe_isolation,
    sandbox_version,
)

SLOTS = "sandbox"
"""The Ray resource that a node offers executions with: so many programs at once."""
ADDRESS = "RAY_ADDRESS"
START = f"start it with `ray start --resources '{{\"{SLOTS}\": 4}}'`"
_ANSWER_S = 120.0
PACKAGES = ("darkwood-bench", "dagster", "dagster-ray", "ray", "polars", "pyarrow", "xllamacpp")
"""What a run depends on, and every node has to have in the same version."""
_LEVELS = ("L3", "L2", "L1", "L0")
_ANY = "any"

T = TypeVar("T")


@dataclass(frozen=True)
class Node:
    """A node that runs code, as Ray knows it."""

    node_id: str
    address: str
    resources: Mapping[str, float]
    """All that it was started with, by Ray's names."""

    @property
    def slots(self) -> int:
        """Programs that it runs at once."""
        return int(self.resources.get(SLOTS, 0))

    @property
    def cpus(self) -> float:
        """What it offers to runs."""
        return self.resources.get("CPU", 0)

    def fits(self, asked: Mapping[str, float]) -> bool:
        """Whether it could ever give a run what it asks for, by the names of a job's options."""
        names = {"num_cpus": "CPU", "num_gpus": "GPU"}
        return all(
            self.resources.get(names.get(name, name), 0) >= amount for name, amount in asked.items()
        )

    def __str__(self) -> str:
        return f"node {self.address} ({self.node_id[:8]})"


@dataclass(frozen=True)
class NodeReport:
    """What a node says of itself."""

    host: str
    level: str
    missing: tuple[str, ...]
    advice: tuple[str, ...]
    sandbox: str
    """Of what a program's outcome depends on, as `sandbox_version`, for any isolation level."""
    unisolated: bool
    """Whether it lets programs run without isolation."""
    packages: Mapping[str, str]
    """Version of Python, and of each of PACKAGES."""


def connect() -> None:
    """Join the cluster that RAY_ADDRESS, or a job of it, names; raises SandboxError."""
    if ray.is_initialized():
        return
    try:
        ray.init(
            address=os.environ.get(ADDRESS, "auto"),
            log_to_driver=False,
            logging_level=logging.WARNING,
        )
    except (ConnectionError, RuntimeError, RayError) as error:
        raise SandboxError(
            f"no Ray cluster ({' '.join(str(error).split())[:200]}); start one, and set {ADDRESS} "
            "to it; or run code here with DARKWOOD_EXECUTIONS=local"
        ) from error


def alive_nodes() -> list[Node]:
    """The nodes that are up. Raises SandboxError where there is no cluster."""
    connect()
    return [
        Node(node["NodeID"], node["NodeManagerAddress"], node["Resources"])
        for node in ray.nodes()
        if node["Alive"]
    ]


def executing_nodes() -> list[Node]:
    """The nodes that are up and offer slots. Raises SandboxError where there is none."""
    nodes = [node for node in alive_nodes() if node.slots]
    if not nodes:
        raise SandboxError(
            f"no node of the Ray cluster offers '{SLOTS}', so code runs nowhere; {START}"
        )
    return nodes


def ask_each(nodes: Sequence[Node], function: Callable[[], T]) -> list[T | Exception]:
    """What a function of ours gives on each node, or why it gives nothing."""
    remote = ray.remote(num_cpus=0, max_retries=0)(function)
    asked = [remote.options(scheduling_strategy=_on(node)).remote() for node in nodes]
    answers: list[Any] = []
    for ref in asked:
        try:
            answers.append(ray.get(ref, timeout=_ANSWER_S))
        except Exception as error:  # whatever the function raises there, or Ray on the way
            answers.append(error)
    return answers


def report() -> NodeReport:
    """Of the node that this runs on."""
    probe = probe_isolation()
    return NodeReport(
        socket.gethostname(),
        probe.level,
        probe.missing,
        probe.advice,
        sandbox_version(_ANY),
        os.environ.get(ALLOW_UNISOLATED) == "1",
        {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def allowed_levels(nodes: Sequence[Node], min_isolation: str) -> list[str]:
    """The isolation levels of the nodes, strongest first.

    A node that is lost meanwhile is left out: none of our programs will run there. Raises
    SandboxUnavailable for a node with less isolation than `min_isolation`, and SandboxError for one
    that does not answer, or has other versions than are here, or where all are lost.
    """
    levels = set()
    for node, found in zip(nodes, ask_each(nodes, report), strict=True):
        if isinstance(found, Exception):
            if _is_lost(node):
                continue
            raise SandboxError(f"{node} does not answer: {' '.join(str(found).split())[-300:]}")
        if problem := unfit(found, min_isolation):
            raise (SandboxUnavailable if problem.weak else SandboxError)(f"{node}: {problem.words}")
        levels.add(found.level)
    if not levels:
        raise SandboxError(f"all nodes that offer '{SLOTS}' were lost; {START}")
    return sorted(levels, key=_LEVELS.index)


def _is_lost(node: Node) -> bool:
    return node.node_id not in {alive.node_id for alive in alive_nodes()}


@dataclass(frozen=True)
class Unfit:
    """Why a node may not run code."""

    words: str
    weak: bool
    """Whether it is for its isolation."""


def unfit(found: NodeReport, min_isolation: str) -> Unfit | None:
    """Why a node may not run code; None for one that may."""
    if found.level < min_isolation and not found.unisolated:
        return Unfit(
            f"its isolation is {found.level}, and {min_isolation} is asked for; missing: "
            f"{'; '.join(found.missing) or 'nothing'}. {' '.join(found.advice)} Or take "
            f"'{SLOTS}' out of its resources",
            weak=True,
        )
    if found.sandbox != (here := sandbox_version(_ANY)):
        return Unfit(
            f"it has {_differing(found.sandbox, here)}; install the same versions on all nodes",
            weak=False,
        )
    return None


def _differing(there: str, here: str) -> str:
    pairs = zip(there.split(", "), here.split(", "), strict=False)
    found = [f"{one}, where here is {other}" for one, other in pairs if one != other]
    return "; ".join(found) or "other packages than here"


def on_any(nodes: Iterable[Node]) -> int:
    """Programs that run at once over all of some nodes."""
    return sum(node.slots for node in nodes)


def _on(node: Node) -> NodeAffinitySchedulingStrategy:
    return NodeAffinitySchedulingStrategy(node.node_id, soft=False)
