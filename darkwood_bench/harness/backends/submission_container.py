"""A submission in a container: what the engine is told, and asked.

The container is on a network of its own that leads nowhere (`--internal`), so it can be asked at
its address and reaches nothing outside this machine. Of this machine's files it sees one folder,
read only, in which the posted tables appear.
"""

import ipaddress
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from darkwood_bench.harness.backends import Asked, AskedTable, BackendError
from darkwood_bench.harness.backends.submission_starting import Plan

ENGINES = ("docker", "podman")
_OF_THE_ENGINE = re.compile(r"(PATH|HOME)$|(DOCKER|CONTAINERS?|XDG)_")
"""Variables that mean something to the engine's own client, which is not to have the entry's."""
ANSWER_S = 60
"""For an engine to answer: one that hangs is none."""
UP_S = 60
"""From starting a container to its having an address."""


@dataclass(frozen=True)
class Container:
    """One container of an image, not yet started."""

    engine: str
    image: str
    name: str
    """Its own and its network's."""
    port: int
    """Where the submission listens inside."""

    def plan(self, tables: Path, env: Mapping[str, str], *, cuda: bool) -> Plan:
        """How it is run, seeing the folder `tables` where it is outside."""
        gpus = {"docker": ["--gpus", "all"], "podman": ["--device", "nvidia.com/gpu=all"]}
        variables = {"PORT": str(self.port), **env}
        handed_down = {
            name: value for name, value in variables.items() if not _OF_THE_ENGINE.match(name)
        }
        command = [
            *(self.engine, "run", "--rm", "--pull", "never"),
            *("--name", self.name, "--network", self.name),
            *("--mount", f"type=bind,source={tables},target={tables},readonly"),
            # By name alone: values may be keys, and anybody may read a command line.
            *(
                part
                for name, value in variables.items()
                for part in ("--env", name if name in handed_down else f"{name}={value}")
            ),
            *(gpus[self.engine] if cuda else []),
            self.image,
        ]
        network = [self.engine, "network"]
        return Plan(
            command,
            folder=tables,
            env={
                name: value for name, value in variables.items() if not _OF_THE_ENGINE.match(name)
            },
            before=[[*network, "create", "--internal", self.name]],
            afterwards=[[self.engine, "rm", "--force", self.name], [*network, "rm", self.name]],
        )

    def wait(self, ended: Callable[[], str | None]) -> tuple[str, int]:
        """Its address and its first process, once it runs. Raises BackendError if it does not."""
        deadline = time.monotonic() + UP_S
        form = "{{json .State.Pid}} {{json .NetworkSettings.Networks}}"
        while time.monotonic() < deadline:
            if how := ended():
                raise BackendError(f"its container {how}")
            said = _run(self.engine, "inspect", "--format", form, self.name)
            if said.returncode == 0:
                pid, _, networks = said.stdout.partition(" ")
                place = (json.loads(networks) or {}).get(self.name, {})
                if place.get("IPAddress") and int(pid):
                    self._require_direct(place["IPAddress"], place["IPPrefixLen"])
                    return f"http://{place['IPAddress']}:{self.port}", int(pid)
            time.sleep(0.1)
        raise BackendError(f"{self.engine} gave its container no address within {UP_S} s")

    def _require_direct(self, address: str, prefix: int) -> None:
        """Raises BackendError unless this machine is on the container's network itself.

        Rootless engines, and podman over CNI, keep it off: the question would go to strangers.
        """
        network = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            with suppress(OSError):
                probe.connect((address, self.port))  # sends nothing: it only looks for the way
            ours = ipaddress.ip_address(probe.getsockname()[0])
        if ours not in network:
            raise BackendError(
                f"{self.engine} keeps this machine off its internal network {network}; use docker "
                "or podman (netavark) as root, or give the submission a command instead"
            )


@dataclass(frozen=True)
class Shelf:
    """The folder that a container sees: tables are put there when they are first posted."""

    folder: Path

    def show(self, asked: Asked) -> Asked:
        """The same question, its tables where the container sees them."""
        return replace(
            asked, tables={name: self._put(table) for name, table in asked.tables.items()}
        )

    def _put(self, table: AskedTable) -> AskedTable:
        place = self.folder / table.path.parent.name / table.path.name
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            try:
                os.link(table.path, place)
            except OSError:  # another file system
                shutil.copyfile(table.path, place)
        return replace(table, path=place)


def find_engine() -> str:
    """The first container engine that answers. Raises BackendError where none does."""
    said = []
    for name in ENGINES:
        if shutil.which(name) is None:
            said.append(f"{name} is not installed")
            continue
        answer = _run(name, "info")
        if answer.returncode == 0:
            return name
        said.append(f"{name}: {_last_line(answer.stderr)}")
    raise BackendError(
        f"an image needs a container engine, and none answers ({'; '.join(said)}); start one, or "
        "give the submission a command instead"
    )


def image_digest(engine: str, image: str) -> str:
    """What an image is known by. Raises BackendError for one that is not on this machine."""
    answer = _run(engine, "image", "inspect", "--format", "{{.Id}}", image)
    if answer.returncode:
        raise BackendError(f"{image}: no such image here; {engine} pull {image}, or build it")
    return answer.stdout.strip().removeprefix("sha256:")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWER_S
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {ANSWER_S} s")


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason")
