"""`darkwood nightly --once` as cron calls it: processes, exit codes, JSON, and a receiver."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from herd import TASKS, Herd, make_herd
from webhook import Receiver

PATIENCE_S = 240
STEADY = [0.05] * TASKS
FIRST = [0.1] * TASKS  # so that no busy machine makes a later night slower
NIGHT = ("nightly", "--once", "--variant", "minimal")


def darkwood(herd: Herd, webhook: str, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    home = herd.folder / "home"
    home.mkdir(exist_ok=True)
    config = "telemetry: {enabled: false}\nconcurrency: {pools: {default_limit: 1}}\n"
    (home / "dagster.yaml").write_text(config)
    variables = {
        "DAGSTER_HOME": str(home),
        "DARKWOOD_DATASETS": str(herd.datasets),
        "DARKWOOD_MODELS": str(herd.registry),
        "DARKWOOD_WEBHOOK": webhook,
        "COLUMNS": "300",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "darkwood_bench", *words],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def states(out: str) -> dict[str, str]:
    return {name: found["state"] for name, found in json.loads(out)["partitions"].items()}


def test_three_nights_of_which_the_last_has_lost_answers(tmp_path: Path) -> None:
    herd = make_herd(tmp_path, ("script", "slow"))
    herd.answers("script", {1}, FIRST)
    herd.answers("slow", {2}, FIRST)
    with Receiver().listening() as receiver:
        code, out, err = darkwood(herd, receiver.address, *NIGHT, "--json")
        assert code == 0, err
        assert states(out) == {"script/minimal": "first", "slow/minimal": "first"}
        first = json.loads(out)["partitions"]["slow/minimal"]["score_id"]

        herd.answers("script", {1}, STEADY)
        herd.answers("slow", {2}, STEADY)
        code, out, err = darkwood(herd, receiver.address, *NIGHT)
        assert code == 0, err
        assert out.strip() == "none of 2 partitions is worse"
        assert receiver.bodies == []

        herd.answers("slow", set(range(2, 16)), STEADY)
        herd.broken("script")
        code, out, err = darkwood(herd, receiver.address, *NIGHT, "--json")
        assert code == 1
        found: dict[str, Any] = json.loads(out)
        assert list(found["failures"]) == ["script"]
        assert "script.yaml" in found["failures"]["script"]
        (slow,) = found["partitions"].values()
        assert (slow["state"], slow["accepted"]) == ("worse", first)
        assert sorted(slow["tasks_lost"]) == sorted(f"herd/over-{n}" for n in range(3, 16))
        assert "script was not scored: " in err
        assert "error: 1 of 1 partitions are worse: slow/minimal" in err
        assert "Traceback" not in err

        failed, worse = receiver.bodies
        assert (failed["event"], failed["partitions"]) == (
            "run_failed",
            "script|minimal to script|minimal",
        )
        assert worse["event"] == "regression"
        assert [one["score_id"] for one in worse["regressions"]] == [slow["score_id"]]

        # Said of the same scores afterwards, and gone once they are accepted.
        _, out, _ = darkwood(herd, receiver.address, "nightly", "status", "--json")
        assert {row["partition"]: row["state"] for row in json.loads(out)} == {
            "script/minimal": "not worse",
            "slow/minimal": "worse",
        }
        code, out, err = darkwood(herd, receiver.address, *worse["accept"].split()[1:])
        assert code == 0, err
        assert out.startswith("slow/minimal: accepted ")
        code, out, err = darkwood(herd, receiver.address, *NIGHT, "--json", "-m", "slow")
        assert code == 0, err
        assert states(out) == {"slow/minimal": "not worse"}
        assert len(receiver.bodies) == 2
