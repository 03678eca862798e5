"""Whose an upload is, and for how long."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from page_service import serving

from darkwood_bench.sandbox import probe_isolation

pytestmark = pytest.mark.skipif(
    probe_isolation().level == "L0", reason="uploads are read in the sandbox"
)
MINE, THEIRS = "a-token-that-is-long-enough", "another-token-just-as-long"
EXPIRES_S = 3.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("served")
    (folder / "tokens").write_text(f"{MINE}\n{THEIRS}\n")
    answers = "answers: [{text: 'result = cards'}]"
    with serving(
        folder, answers, token_file=folder / "tokens", upload_expires_s=EXPIRES_S
    ) as served:
        yield served


def client(address: str, token: str) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.Client(base_url=address, timeout=60, headers=headers)


def send(client: httpx2.Client) -> str:
    reply = client.post("/v1/uploads", files={"file": ("cards.csv", b"name\nElf\n")})
    assert reply.status_code == 200, reply.text
    assert reply.json()["expires_s"] == EXPIRES_S
    return reply.json()["upload_id"]


def ask(client: httpx2.Client, upload_id: str) -> httpx2.Response:
    tables = {"cards": {"upload_id": upload_id}}
    return client.post("/v1/query", json={"question": "which?", "tables": tables})


def test_an_upload_belongs_to_the_token_that_sent_it(address: str) -> None:
    with client(address, MINE) as mine, client(address, THEIRS) as theirs:
        upload_id = send(mine)
        refused = ask(theirs, upload_id)
        unknown = ask(theirs, "upl_" + "a" * 32)
        assert refused.status_code == unknown.status_code == 404
        # Whether there is such an upload is not told either.
        assert refused.json()["detail"] == unknown.json()["detail"]
        assert theirs.delete(f"/v1/uploads/{upload_id}").status_code == 404
        assert ask(mine, upload_id).json()["result"]["rows"] == [["Elf"]]
        assert mine.delete(f"/v1/uploads/{upload_id}").status_code == 204


def test_an_upload_is_kept_while_it_is_used_and_gone_afterwards(address: str) -> None:
    with client(address, MINE) as mine:
        upload_id = send(mine)
        for _ in range(4):
            time.sleep(EXPIRES_S / 2)
            assert ask(mine, upload_id).status_code == 200
        time.sleep(EXPIRES_S + 0.2)
        assert ask(mine, upload_id).status_code == 404
        assert "darkwood_uploads 0.0" in mine.get("/metrics").text
