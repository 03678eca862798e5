"""Runs the Containerfile's steps in clean Debian roots, without a container engine, and tries what
comes of it: the service as its user, from a read-only root, with its health check and a question.

    sudo python3 deploy/container/try_in_root.py --folder /var/tmp/try --weights FILE

Wants Linux, root, debootstrap and about 4 GB of disk. What an engine does besides (image layers,
network namespaces, its seccomp profile) is not tried. Only Python's standard library is used.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from containerfile import parse
from root_building import Builder
from root_running import CHROOT, PIVOT_ROOT, Service

HERE = Path(__file__).parent
CONTEXT = HERE.parent.parent
QUESTION = {
    "message": "How many rows are there for each city? Columns: city, n.",
    "tables": {"orders": {"city": "String", "total": "Float64"}},
}
READY_S = 600
MEASURED = "orders.csv"


def main() -> int:
    """0 when the health check passed and the question was answered."""
    options = _options()
    if os.geteuid() != 0:
        sys.exit("error: roots are made and entered as root; run this with sudo")
    stages = parse((HERE / "Containerfile").read_text())
    # However it is ended, the service and the roots are not left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: told to stop"))
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        built = Builder(options.folder, CONTEXT, options.mirror).build(stages, options.target)
        report: dict[str, Any] = {"target": options.target, "megabytes": built.megabytes()}
        for entered in (PIVOT_ROOT, CHROOT):
            print(f"== {entered}", file=sys.stderr)
            with Service(built, options.weights, options.port, entered, options.model) as service:
                report[entered] = _tried(service, options.port)
            report[entered]["stopped_with"] = service.exit_status
        print(json.dumps(report, indent=2))
        return 0
    finally:
        if not options.keep:
            shutil.rmtree(options.folder)


def _tried(service: Service, port: int) -> dict[str, Any]:
    began = time.monotonic()
    while not service.healthy():
        if service.exit_status is not None or time.monotonic() - began > READY_S:
            raise SystemExit(f"error: not healthy; its log:\n{service.log()}")
        time.sleep(1)
    ready_s = round(time.monotonic() - began, 1)
    url = f"http://127.0.0.1:{port}"
    try:
        _asked(f"{url}/chat", QUESTION, "no-such-token-at-all")
        raise SystemExit("error: answered without its token")
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
    chat = _asked(f"{url}/chat", QUESTION, service.token)
    query = {
        "question": QUESTION["message"],
        "tables": {"orders": {"file_name": f"/data/{MEASURED}", "format": "csv"}},
    }
    answer = _asked(f"{url}/v1/query", query, service.token)
    return {
        "healthy_after_s": ready_s,
        "user": service.user(),
        "readyz": _asked(f"{url}/readyz", None, service.token),
        "chat": chat["response"],
        "verified": answer["verified"],
        "verified_on": answer["verified_on"],
        "execution": answer["execution"],
    }


def _asked(url: str, body: Any, token: str) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=300) as reply:
        return json.load(reply)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, required=True, help="for the roots; removed again")
    parser.add_argument("--target", default="cpu", help="the stage to build (default: cpu)")
    parser.add_argument("--weights", type=Path, help="a file of them; else they are fetched")
    parser.add_argument("--model", help="a model of the registry; else the service's default")
    parser.add_argument("--mirror", default="", help="of Debian; else the one apt uses here")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--keep", action="store_true", help="leave the roots where they are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
