"""What memory the servers of a model take, as their metrics or an agent beside them say.

Read from Prometheus pages, such as vLLM's own (`process_resident_memory_bytes`) or that of NVIDIA's
exporter (`DCGM_FI_DEV_FB_USED`). The peak is of what was seen, every second and whenever an answer
ends; a server that holds its memory from its start, as vLLM does, is seen in full. Several servers
count together: it took them all to be as fast.
"""

import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from darkwood_bench.harness.server_entry import Gauge, Server

LOOK_EVERY_S = 1.0
_TIMEOUT_S = 5.0
_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class ServerMemoryError(Exception):
    """A page of metrics cannot be read, or has no such metric; the message names it."""


class ServerMeter:
    """Peaks of the memory of all servers of an entry."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._peaks: dict[str, int] = {}
        self._lost: set[str] = set()
        """What could not be read at some time: its peak may be anything."""
        self._closed = threading.Event()
        self._looking = threading.Lock()
        self._thread = threading.Thread(target=self._look_until_closed, daemon=True)

    def start(self) -> None:
        """Look now, and every second from now on."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def peak_ram_bytes(self) -> int | None:
        """Main memory; None where nobody tells."""
        return self._peak("ram")

    @property
    def peak_vram_bytes(self) -> int | None:
        """GPU memory; None where nobody tells."""
        return self._peak("vram")

    def look(self) -> None:
        """Read every gauge once."""
        gauges = self._server.memory
        if gauges is None:
            return
        with self._looking:
            for name, gauge in (("ram", gauges.ram), ("vram", gauges.vram)):
                if gauge is not None:
                    self._read(name, gauge)

    def _read(self, name: str, gauge: Gauge) -> None:
        seen = 0
        for address in self._server.addresses:
            try:
                seen += read_gauge(gauge, address)
            except ServerMemoryError:
                if name not in self._peaks:
                    self._lost.add(name)
                # A server that died holds no memory; the others' is below the peak then.
        self._peaks[name] = max(seen, self._peaks.get(name, 0))

    def _peak(self, name: str) -> int | None:
        return None if name in self._lost else self._peaks.get(name)

    def _look_until_closed(self) -> None:
        while not self._closed.wait(LOOK_EVERY_S):
            self.look()


def read_gauge(gauge: Gauge, address: str) -> int:
    """Bytes that a gauge shows for the server at an address (its base_url), all series added.

    Raises ServerMemoryError.
    """
    import httpx2

    parts = urlsplit(address)
    server = f"{parts.scheme}://{parts.netloc}"
    url = gauge.url.replace("{server}", server).replace("{host}", parts.hostname or "")
    try:
        reply = httpx2.get(url, timeout=_TIMEOUT_S)
        reply.raise_for_status()
    except httpx2.HTTPError as error:
        raise ServerMemoryError(f"{url}: {error or type(error).__name__}") from error
    found = [
        value
        for metric, labels, value in samples(reply.text)
        if metric == gauge.metric and gauge.labels.items() <= labels.items()
    ]
    if not found:
        raise ServerMemoryError(f"{url}: has no {gauge.metric} {dict(gauge.labels) or ''}")
    return round(sum(found) * _UNITS[gauge.unit])


def samples(text: str) -> list[tuple[str, Mapping[str, str], float]]:
    """Name, labels and value of each sample of a page in Prometheus' text format."""
    return [sample for line in text.splitlines() if (sample := _sample(line))]


def _sample(line: str) -> tuple[str, Mapping[str, str], float] | None:
    if line.startswith("#") or not line.strip():
        return None
    head, _, rest = line.partition("{")
    labels: dict[str, str] = {}
    if rest:
        inside, _, rest = rest.rpartition("}")
        for pair in inside.split('",'):
            name, _, value = pair.partition("=")
            if name.strip():
                labels[name.strip()] = value.strip().strip('"')
    else:
        head, _, rest = line.partition(" ")
    try:
        return head.strip(), labels, float(rest.split()[0])
    except (ValueError, IndexError):
        return None
