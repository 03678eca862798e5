"""A Ray cluster of several nodes on this machine: each a raylet with workers of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from free_port import free_port

LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""0 has Ray take 127.0.0.1 as it is, where it would look for the machine's outward address."""
QUIET = {
    LOOPBACK: "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    # A node that is gone is known by its closed socket; a slow one is not gone.
    "RAY_health_check_timeout_ms": "60000",
    "RAY_DISABLE_IMPORT_WARNING": "1",
}
_RAY = f"""
import os
from ray.scripts.scripts import main

# Only now: `ray start` refuses a second node with it, and the node's processes need it.
os.environ["{LOOPBACK}"] = "0"
main()
"""
STORE_BYTES = 100 << 20
START_S = 120
TRIES = 3


class RayCluster:
    """Nodes by name. The head offers nothing but its control services unless it is told to."""

    def __init__(self, port: int, folder: Path, variables: Mapping[str, str]) -> None:
        self.address = f"127.0.0.1:{port}"
        self.folder = folder
        self._port = port
        self._variables = {**os.environ, **QUIET, **variables}
        self._variables.pop(LOOPBACK)
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}

    def start_head(self, *, cpus: int = 0, slots: int = 0, dashboard: int | None = None) -> None:
        """With a dashboard, which takes jobs, on a port."""
        shown = (
            ["--include-dashboard=false"]
            if dashboard is None
            else ["--include-dashboard=true", f"--dashboard-port={dashboard}"]
        )
        self._start("head", ["--head", f"--port={self._port}", *shown], cpus, slots)

    def start_node(
        self,
        name: str,
        *,
        cpus: int = 1,
        slots: int = 1,
        within: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`within`: a command that the node's processes are started by, such as a jail's;
        `variables`: of this node's environment alone."""
        how = [f"--address={self.address}"]
        self._start(name, how, cpus, slots, within, variables or {})

    def kill(self, name: str) -> None:
        """As if the power went: every process of the node, with SIGKILL, none of them warned."""
        process = self._nodes.pop(name)
        tree = [psutil.Process(process.pid)] if process.poll() is None else []
        for each in tree:  # grows: a stopped process has no more children
            with suppress(psutil.NoSuchProcess):
                each.suspend()
                tree += each.children()
        for each in tree:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()

    @property
    def names(self) -> list[str]:
        """Of the nodes that were started, and not killed since."""
        return list(self._nodes)

    def stop(self) -> None:
        """End every node."""
        for name in reversed(list(self._nodes)):
            process = self._nodes[name]
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            self.kill(name)

    def _start(
        self,
        name: str,
        how: Sequence[str],
        cpus: int,
        slots: int,
        within: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        offered = f'"sandbox": {slots}' if slots else ""
        command = [
            *within,
            sys.executable,
            "-c",
            _RAY,
            "start",
            *how,
            "--node-ip-address=127.0.0.1",
            f"--num-cpus={cpus}",
            "--num-gpus=0",
            f"--dashboard-agent-listen-port={free_port()}",
            f"--object-store-memory={STORE_BYTES}",
            f"--resources={{{offered}}}",
            "--disable-usage-stats",
            "--block",
        ]
        if name == "head":
            command.append(f"--temp-dir={self.folder}")
        log = self.folder / f"{name}.log"
        for _ in range(TRIES):
            self._nodes[name] = subprocess.Popen(
                command,
                env={**self._variables, **(variables or {})},
                stdout=log.open("wb"),
                stderr=subprocess.STDOUT,
            )
            if self._is_up(log, self._nodes[name]):
                return
            self.kill(name)
        raise AssertionError(f"{name} did not start: {log.read_text()}")

    def _is_up(self, log: Path, process: "subprocess.Popen[bytes]") -> bool:
        """Wait until the node is up, or has given up, as Ray does after 30 s."""
        end = time.monotonic() + START_S
        while b"Ray runtime started" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True


@contextmanager
def ray_cluster(port: int, variables: Mapping[str, str] = {}) -> Iterator[RayCluster]:
    """A cluster without nodes, whose nodes all end with it; `variables`: of their environment."""
    folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: paths of sockets are
    cluster = RayCluster(port, folder, variables)
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
