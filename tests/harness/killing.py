"""Runs that are killed at random moments and started again: what is lost, and what is repeated.

    .venv/bin/python tests/harness/killing.py --kills 50

A run asks a scripted model, is killed (signal 9) at a random moment, and is started again until so
many kills have struck; then it is left to end, and compacts its journal. The same is done to a
regeneration, which is started anew only by name. A kill may strike while the run starts, answers,
appends or compacts. Prints what came, and ends with 1 when an answer was lost, one that had been
written down was asked again, T is not the sum of what was written down, or a worker outlived its
run. test_killing.py runs a small share of it.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from asking import asked

from darkwood_bench.harness import Decoding, Generator, load_models
from darkwood_bench.journal import Journal
from darkwood_bench.regeneration import named_regeneration

_GONE_S = 10.0
"""How long what was killed may still be seen."""
_SPOKEN = "answered "
_ENDED = '"total_s"'
"""In the last line of a run. One that is killed after it has done all, and a regeneration may have
given up its name by then, so that to start it again would be to ask anew."""


@dataclass
class Findings:
    """What came of the kills."""

    struck: int = 0
    """Kills that met a run which had not ended."""
    answering: int = 0
    """Of these, kills of a run that had a model at work."""
    wrong: list[str] = field(default_factory=list)

    def add(self, more: "Findings") -> None:
        """Take in what came of further kills."""
        self.struck += more.struck
        self.answering += more.answering
        self.wrong += more.wrong


def ask(folder: Path, prompts: int, mode: str, regenerate: bool) -> None:
    """A run as `darkwood run` does it: answers, then compacts; says each answer on its output."""
    models = load_models(folder / "models.yaml")
    journal = Journal(folder / "journal" / "slow.jsonl", key="generation_id")
    asked_for = [asked(f"question {n}", f"cards/{n}") for n in range(prompts)]
    decoding = Decoding(threads=1)

    def run(name: str | None) -> None:
        with Generator(
            "slow",
            models["slow"],
            decoding,
            journal,
            folder / "cache",
            lambda step: print(f"{_SPOKEN}{step.done}", flush=True),
            mode="batched" if mode == "batched" else "sequential",
        ) as generator:
            batch = generator.run(asked_for, prompt_variant="minimal", regeneration=name)
        journal.compact()
        usage = batch.usage
        print(json.dumps({"total_s": usage.total_s, "n": usage.n_generations}), flush=True)

    if regenerate:
        with named_regeneration(folder, "all of it") as name:
            run(name)
    else:
        run(None)


def killed_runs(
    folder: Path, kills: int, prompts: int, mode: str, regenerate: bool, chance: random.Random
) -> Findings:
    """Kill a run so many times, let it end, and look at what it left."""
    findings = Findings()
    journal = Journal(folder / "journal" / "slow.jsonl", key="generation_id")
    before = journal.read()
    seen: dict[str, str] = {}
    done: str | None = None
    while findings.struck < kills:
        run = start_run(folder, prompts, mode, regenerate)
        said = ""
        if chance.random() < 0.8:
            assert run.stdout is not None
            said = run.stdout.readline()  # its model is at work from here on
        time.sleep(chance.uniform(0.0, 0.8))
        workers = _descendants(run.pid)
        run.kill()
        said += run.communicate()[0]
        if _ENDED in said:
            done = said  # before the moment came; what it left is looked at below
            break
        if run.returncode != -signal.SIGKILL:
            findings.wrong.append(f"a run ended with {run.returncode}: {said[-300:]}")
            return findings
        findings.struck += 1
        findings.answering += _SPOKEN in said
        _look(journal, before if regenerate else {}, seen, findings)
        findings.wrong += [f"outlived its run: {pid}" for pid in workers if not _goes(pid)]
        if chance.random() < 0.3 and journal.path.exists():
            with journal.path.open("ab") as tail:
                tail.write(b'{"generation_id": "torn')
    if done is None:
        last = start_run(folder, prompts, mode, regenerate)
        done = last.communicate()[0]
        if last.returncode != 0:
            findings.wrong.append(f"the last run ended with {last.returncode}: {done[-300:]}")
            return findings
    _look(journal, before if regenerate else {}, seen, findings)
    rows = journal.read()
    ours = [row for key, row in rows.items() if not regenerate or row != before.get(key)]
    if len(ours) != prompts:
        findings.wrong.append(f"{len(ours)} answers of {prompts} prompts")
    usage = json.loads(done.splitlines()[-1])
    if abs(usage["total_s"] - _total_s(ours)) > 1e-6:
        findings.wrong.append(f"T is {usage['total_s']}, and the answers took {_total_s(ours)}")
    if journal.path.read_bytes():
        findings.wrong.append("the journal was not compacted")
    return findings


def _look(
    journal: Journal, before: dict[str, Any], seen: dict[str, str], findings: Findings
) -> None:
    """Every answer that was ever seen must still be there, and be the same."""
    rows = journal.read()
    for key, recorded_at in seen.items():
        if key not in rows:
            findings.wrong.append(f"lost: {key}")
        elif rows[key]["recorded_at"] != recorded_at:
            findings.wrong.append(f"asked again: {key}")
    for key, row in rows.items():
        if row != before.get(key):
            seen.setdefault(key, row["recorded_at"])


def _total_s(rows: list[dict[str, Any]]) -> float:
    """T as docs/architecture.md defines it, added up apart from the harness."""
    batches: dict[str, float] = {}
    for row in rows:
        if row["batch"] is not None:
            batches[row["batch"]] = max(batches.get(row["batch"], 0.0), row["wall_s"])
    return sum(batches.values()) + sum(row["wall_s"] for row in rows if row["batch"] is None)


def start_run(folder: Path, prompts: int, mode: str, regenerate: bool) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--ask", str(folder), "--prompts", str(prompts)]
    command += ["--mode", mode] + (["--regenerate"] if regenerate else [])
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _descendants(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def _goes(process: psutil.Process) -> bool:
    """Whether the process ends soon, or is only waited for."""
    until = time.monotonic() + _GONE_S
    while time.monotonic() < until:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.02)
                continue
        return True
    return False


def scripted_model(folder: Path, delay_s: float) -> None:
    """A registry with one model, whose answers take so long."""
    (folder / "slow.yaml").write_text(f"answers: [{{text: result = 1, delay_s: {delay_s}}}]")
    (folder / "models.yaml").write_text(
        "models: {slow: {title: S, default: true, backend: scripted, file: slow.yaml, "
        "sources: [{local: slow.yaml}]}}"
    )


def both(
    mode: str, kills: int, prompts: int, delay_s: float, chance: random.Random
) -> tuple[Findings, Findings]:
    """Kill first runs and regenerations, so many times together; what came of each."""
    plain, again = Findings(), Findings()
    while plain.struck + again.struck < kills:
        left = kills - plain.struck - again.struck
        with tempfile.TemporaryDirectory(prefix="darkwood-killing-") as name:
            folder = Path(name)
            scripted_model(folder, delay_s)
            share = (left + 1) // 2
            plain.add(killed_runs(folder, share, prompts, mode, False, chance))
            again.add(killed_runs(folder, left - share, prompts, mode, True, chance))
    return plain, again


def main() -> int:
    """Kill runs of either mode and regenerations, print what came; 1 when something was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="of all runs together")
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--delay", type=float, default=0.01, help="seconds that an answer takes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--mode", default="sequential", help=argparse.SUPPRESS)
    parser.add_argument("--regenerate", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask is not None:
        ask(options.ask, options.prompts, options.mode, options.regenerate)
        return 0
    chance = random.Random(options.seed)
    wrong: list[str] = []
    for number, mode in enumerate(("sequential", "batched")):
        kills = (options.kills + 1 - number) // 2
        plain, again = both(mode, kills, options.prompts, options.delay, chance)
        for what, findings in ((mode, plain), (f"{mode}, regenerating", again)):
            print(f"{what}: {findings.struck} kills, {findings.answering} of a model at work")
            wrong += findings.wrong
    for problem in wrong:
        print("WRONG", problem)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
