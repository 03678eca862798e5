"""The copilot under load: `python benchmarks/copilot.py` serves a real model to many clients.

Every client asks one question after another over columns that are its alone, and looks whether the
answer is its own. Meanwhile /healthz is asked ten times a second, and memory is looked at. At the
end the server is told to stop while all are still asking.

    DARKWOOD_WEIGHTS=~/weights python benchmarks/copilot.py --clients 200 --minutes 5

The overhead is each answer's time in the server less its waiting and its generation (`timings`).
Next to it stands what verification alone took. Exits 1 where a bound does not hold.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil

MOST_OVERHEAD_S = 0.040
MOST_HEALTH_S = 0.050
MOST_GROWTH = 1.25
"""Memory at the end over memory at a quarter of the time: caches have filled by then."""
STARTS_S = 600.0
HEALTH_EVERY_S = 0.1
MEMORY_EVERY_S = 2.0
SLOWEST_S = 180.0
NAME = re.compile(r"client_\d+_\d+")


@dataclass
class Seen:
    """What came of it."""

    statuses: Counter[str] = field(default_factory=Counter)
    server_errors: int = 0
    """5xx before the server was told to stop."""
    own: int = 0
    """Answers that name columns of their own request, and no other's."""
    crossed: int = 0
    """Answers that name another's."""
    unnamed: int = 0
    """Answers that name no column at all: of these it cannot be told whose they are."""
    lost: int = 0
    """Requests that were taken and never answered."""
    answered: int = 0
    verified: int = 0
    overheads: list[float] = field(default_factory=list)
    verify: list[float] = field(default_factory=list)
    generate: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    memory: list[tuple[float, int, int]] = field(default_factory=list)
    """Seconds, and resident bytes of the server and of what it has started."""
    stopping: bool = False


async def client(number: int, session: httpx2.AsyncClient, seen: Seen, stop: asyncio.Event) -> None:
    """Asks until the end, or until there is nobody to ask."""
    turn = 0
    while not stop.is_set():
        turn += 1
        name = f"client_{number}_{turn}"
        try:
            reply = await session.post("/v1/query", json=question(name))
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            seen.statuses["no connection"] += 1
            if seen.stopping:
                return
            await pause(stop, 1)
            continue
        except httpx2.TransportError as error:
            seen.statuses[type(error).__name__] += 1
            if seen.stopping and not isinstance(error, httpx2.TimeoutException):
                # A connection that was idle may be closed just as it is used again: who asks
                # has to ask anew then (RFC 9112, 9.3.1), and finds the door closed.
                seen.lost += not await is_closed(session)
                return
            seen.lost += 1
            continue
        seen.statuses[str(reply.status_code)] += 1
        if reply.status_code == 200:
            note(json.loads(reply.text), name, seen)
        elif reply.status_code == 429:
            wait = float(reply.headers["retry-after"])
            await pause(stop, min(wait, 30) * random.uniform(0.5, 1.5))
        elif reply.status_code == 503 and seen.stopping:
            assert reply.headers["retry-after"]
            return
        else:
            seen.server_errors += reply.status_code >= 500


async def is_closed(session: httpx2.AsyncClient) -> bool:
    """Whether a server that is stopping refuses whoever comes now."""
    try:
        return (await session.get("/")).status_code == 503
    except httpx2.TransportError:
        return True


def question(name: str) -> dict[str, object]:
    columns = {name: "Int64", f"{name}_kind": "String"}
    return {
        "question": f"How many rows have a {name} above 3, for each {name}_kind?",
        "tables": {f"{name}_table": columns},
        "options": {"attempts": 1},
    }


def note(answer: dict[str, dict[str, float]], name: str, seen: Seen) -> None:
    """Count an answer, by whose columns it names."""
    seen.answered += 1
    seen.verified += bool(answer["verified"])
    named = {found.group() for found in NAME.finditer(json.dumps(answer))}
    if not named:
        seen.unnamed += 1
    elif named == {name}:
        seen.own += 1
    else:
        seen.crossed += 1
    timings = answer["timings"]
    if answer["attempts"]:
        known = timings["queue_s"] + timings["generate_s"]
        seen.overheads.append(timings["total_s"] - known)
        seen.verify.append(timings["verify_s"])
        seen.generate.append(timings["generate_s"])


async def watch_health(address: str, seen: Seen, stop: asyncio.Event) -> None:
    """Ask whether it is there, over a connection that stays open, as probes do."""
    async with httpx2.AsyncClient(base_url=address, timeout=30) as session:
        while not stop.is_set():
            started = time.perf_counter()
            try:
                reply = await session.get("/healthz")
                seen.server_errors += reply.status_code != 200
            except httpx2.TransportError as error:
                seen.statuses[f"/healthz {type(error).__name__}"] += 1
            seen.health.append(time.perf_counter() - started)
            await pause(stop, HEALTH_EVERY_S)


async def watch_memory(process: psutil.Process, seen: Seen, stop: asyncio.Event) -> None:
    began = time.monotonic()
    while not stop.is_set():
        own, others = process.memory_info().rss, 0
        for child in process.children(recursive=True):
            try:
                others += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        seen.memory.append((time.monotonic() - began, own, others))
        await pause(stop, MEMORY_EVERY_S)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def load(arguments: argparse.Namespace, address: str, process: psutil.Process) -> Seen:
    """Everybody at once, for so long; then the server is told to stop."""
    seen, quiet, stop = Seen(), asyncio.Event(), asyncio.Event()
    watching = [
        asyncio.create_task(watch_health(address, seen, quiet)),
        asyncio.create_task(watch_memory(process, seen, quiet)),
    ]
    # One pool with a connection for each: a client object apiece would cost more than the asking.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=arguments.clients)
    session = httpx2.AsyncClient(base_url=address, timeout=SLOWEST_S, limits=limits)
    clients = [
        asyncio.create_task(client(number, session, seen, stop))
        for number in range(arguments.clients)
    ]
    began = time.monotonic()
    while (left := began + 60 * arguments.minutes - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 15))
        said = f"{seen.answered} answers, {dict(seen.statuses)}"
        print(f"{time.monotonic() - began:6.0f} s: {said}", file=sys.stderr)
    quiet.set()
    await asyncio.gather(*watching)
    seen.stopping = True
    process.send_signal(signal.SIGTERM)
    await asyncio.wait(clients, timeout=SLOWEST_S)
    stop.set()
    await asyncio.gather(*clients)
    await session.aclose()
    return seen


def start(arguments: argparse.Namespace, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """`darkwood serve` with the model loaded, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "darkwood_bench", "serve", "--port", str(port)]
    command += ["--model", arguments.model, "--variant", arguments.variant]
    command += ["--mode", arguments.mode, "--context", str(arguments.context)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + STARTS_S
    while True:
        try:
            if httpx2.get(f"{address}/readyz").status_code == 200:
                return process, address
        except httpx2.TransportError:
            pass
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f"the server did not start: {(folder / 'server.log').read_text()[-2000:]}")
        time.sleep(0.2)


def report(seen: Seen, minutes: float) -> bool:
    """Print the figures; whether all bounds hold."""
    overhead = statistics.median(seen.overheads) if seen.overheads else float("nan")
    health = quantile(seen.health, 0.99)
    settled = [one for one in seen.memory if one[0] >= 15 * minutes] or seen.memory
    growth = settled[-1][1] / settled[0][1]
    growth_others = settled[-1][2] / max(1, settled[0][2])
    print(f"answers              {seen.answered}, {seen.verified} verified on empty frames")
    print(
        f"columns named        {seen.own} their own, {seen.crossed} another's, {seen.unnamed} none"
    )
    print(f"statuses             {dict(seen.statuses)}")
    for name, values in (
        ("overhead", seen.overheads),
        ("  verification", seen.verify),
        ("generation", seen.generate),
        ("/healthz", seen.health),
    ):
        if values:
            milliseconds = [1000 * quantile(values, share) for share in (0.5, 0.9, 0.99)]
            print("{:<20} p50 {:.1f} ms, p90 {:.1f} ms, p99 {:.1f} ms".format(name, *milliseconds))
    print(f"memory               server x {growth:.2f}, its processes x {growth_others:.2f}")
    checks = {
        "no server error before the end": seen.server_errors == 0,
        "no answer crossed": seen.crossed == 0,
        "most answers name their columns": seen.own > seen.unnamed,
        "no request lost": seen.lost == 0,
        "there are answers": seen.answered > 0,
        f"overhead <= {1000 * MOST_OVERHEAD_S:.0f} ms at the median": overhead <= MOST_OVERHEAD_S,
        f"/healthz < {1000 * MOST_HEALTH_S:.0f} ms at p99": health < MOST_HEALTH_S,
        "memory flat": max(growth, growth_others) <= MOST_GROWTH,
    }
    for name, holds in checks.items():
        print(f"{'ok  ' if holds else 'FAIL'} {name}")
    return all(checks.values())


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--variant", default="schema")
    parser.add_argument("--mode", default="batched")
    parser.add_argument("--context", type=int, default=1536)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process, address = start(arguments, Path(folder))
        try:
            seen = asyncio.run(load(arguments, address, psutil.Process(process.pid)))
            ended = process.wait(60)
        finally:
            process.kill()
        log = (Path(folder) / "server.log").read_text()
        if keep := os.environ.get("COPILOT_LOG"):
            Path(keep).write_text(log)
    good = report(seen, arguments.minutes)
    traces = log.count("Traceback")
    print(f"{'ok  ' if not traces else 'FAIL'} no traceback in the log ({traces})")
    print(f"{'ok  ' if ended in (0, -signal.SIGTERM) else 'FAIL'} it ended when told ({ended})")
    sys.exit(not good or traces > 0)


if __name__ == "__main__":
    main()
