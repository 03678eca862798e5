"""Errors say what went wrong, and nothing of where this service is installed."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from page_service import serving

from darkwood_bench.copilot.paths import without_paths
from darkwood_bench.sandbox import Execution, probe_isolation

TOKEN = "a-token-that-is-long-enough"
PROGRAMS = {
    "from polars import nothing_like_it": "nothing_like_it' from 'polars' (__init__.py)",
    "from json import nothing_like_it": "nothing_like_it' from 'json' (__init__.py)",
    "import no_such_module": "No module named 'no_such_module'",
    "raise ImportError('x', path=pl.__file__, name='y')": "x",
    "def f(:": "invalid syntax (<answer>, line 1)",
    "open('orders.csv')": "No such file or directory: 'orders.csv'",
    "pl.read_csv('orders.csv')": "orders.csv",
    "pl.scan_csv('~/some/orders.csv').collect()": "orders.csv",
    "pl.scan_parquet('data/*.parquet').collect()": "data/*.parquet",
    "open('/srv/tables/orders.csv')": "/srv/tables/orders.csv",
    "import sys\nraise KeyError(sys.path)": "python",
    "import os\nraise KeyError(sorted(os.environ.items()))": "HOME",
    "import os\nos.abort()": "SIGABRT",
    "import shutil\nshutil.copy(shutil.__file__, '/nowhere')": "",
    "pl.select(a=1).select(pl.col('a').map_elements(lambda x: x / 0, pl.Int8))": "zero",
    "def deeper(n):\n    deeper(n + 1)\ndeeper(0)": "recursion",
}
KEPT = (
    "of 2024/01/02, and 1/2/3 of a/b/c",
    "see https://docs.pola.rs/api/python/ for more",
    "expected 3 / 4 /5, km/h and (a)/(b)/c",
    "cannot parse '</b></i>'",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    if probe_isolation().level == "L0":
        pytest.skip("no code is run without isolation")
    folder = tmp_path_factory.mktemp("served")
    answers = "answers: [{text: from polars import nothing_like_it}]"
    with (
        serving(folder, answers, execute=True, token=TOKEN) as address,
        httpx2.Client(
            base_url=address, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}
        ) as opened,
    ):
        yield opened


def check(said: str, code: str = "") -> None:
    """Neither a path of this machine nor a token nor a traceback."""
    found = re.findall(r"(?<![\w.])/[\w.-]+/[\w./-]*", said)
    assert [path for path in found if path not in code] == []
    for secret in (sys.prefix, str(Path(__file__).parents[2]), TOKEN, "site-packages", "Traceback"):
        assert secret not in said


@pytest.mark.parametrize("code", PROGRAMS)
def test_a_program_that_fails_learns_no_path(client: httpx2.Client, code: str) -> None:
    reply = client.post("/v1/execute", json={"code": code})
    execution = reply.json()["execution"]
    assert execution["status"] != "ok"
    assert PROGRAMS[code].lower() in (execution["error_message"] or "").lower()
    check(reply.text, code)


def test_an_answer_has_none_in_its_reason_its_attempts_or_what_the_model_is_told(
    client: httpx2.Client,
) -> None:
    asked = {"question": "x", "tables": {"cards": {"a": "Int64"}}, "options": {"attempts": 3}}
    reply = client.post("/v1/query", json=asked)
    found = reply.json()
    assert "nothing_like_it" in found["reason"]
    assert "nothing_like_it" in found["attempts"][0]["error_message"]
    check(reply.text)


def test_other_replies_have_none(client: httpx2.Client) -> None:
    table = {"file_name": "../../etc/passwd", "format": "csv"}
    sent = [("x.parquet", b"PAR1 and no more"), ("x.csv", b"\xff\xfe\0"), ("x.csv", b"a\n1,2,3\n")]
    for reply in (
        *(client.post("/v1/uploads", files={"file": one}) for one in sent),
        client.post("/v1/query", json={"question": "x", "tables": {"t": table}}),
        client.post("/v1/query", content=b"{"),
        client.get("/page/../../settings.py"),
        client.get("/report/%2e%2e/x"),
        client.get("/readyz"),
    ):
        check(reply.text.replace("../../etc/passwd", ""))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("(/opt/venv/lib/python3.11/site-packages/polars/__init__.py)", "(__init__.py)"),
        ('File "/home/runner/.cargo/registry/a-1.0/src/lib.rs", line 3', 'File "lib.rs", line 3'),
        ("panicked at /home/x/crates/polars-core/src/y.rs:12:3", "panicked at y.rs:12:3"),
        ("not found:/usr/lib/x.so, file:///usr/lib/y.so", "not found:x.so, y.so"),
        *((text, text) for text in KEPT),
    ],
)
def test_what_is_cut_and_what_is_not(said: str, left: str) -> None:
    execution = Execution("runtime_error", "L2", (), error_message=said)
    assert without_paths(execution, "result = 1").error_message == left
    assert without_paths(execution, said).error_message == said
