"""The tools, asked by the official SDK's own client."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from page_service import scripted, serving

from darkwood_bench.settings import Settings

ANSWERS = r"""
answers:
  - match: spent in each city
    text: result = orders.group_by("city").agg(pl.col("total").sum()).sort("city")
  - match: rows of both
    text: "result = pl.DataFrame({'n': [orders.height, other.height]})"
  - text: result = orders.filter(pl.col("nothing_like_this") == "Oslo")
"""
TOKEN = "a-token-of-sixteen-characters"
ORDERS = {"orders": {"file_name": "orders.csv", "format": "csv"}}
SPENT = "How much was spent in each city?"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder, with a file beside it that nobody may ask about."""
    folder = tmp_path_factory.mktemp("around") / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "orders.csv").write_text("city,total\nOslo,1.5\nOslo,2\nBergen,4\n")
    pl.DataFrame({"id": [1], "at": [None]}).write_parquet(folder / "deep" / "other.parquet")
    (folder / "notes.txt").write_text("no table")
    outside = folder.parent / "secret.csv"
    outside.write_text("password\nhunter2\n")
    (folder / "link.csv").symlink_to(outside)
    return folder


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return scripted(tmp_path_factory.mktemp("scripted"), ANSWERS)


@pytest.fixture(scope="module")
def command(data: Path, bench: Settings) -> StdioServerParameters:
    """`darkwood mcp` as an assistant would start it."""
    named = ("PYTHONPATH", "DARKWOOD_DATASETS", "DAGSTER_HOME")
    variables = {name: os.environ[name] for name in named if name in os.environ}
    variables |= {"DARKWOOD_MODELS": str(bench.models[0]), "DARKWOOD_CACHE": str(bench.cache)}
    arguments = ["-m", "darkwood_bench", "mcp", "--model", "script", "--variant", "terse_twelve"]
    return StdioServerParameters(
        command=sys.executable, args=[*arguments, "--data", str(data)], env=variables
    )


@pytest.fixture(scope="module")
def address(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, ANSWERS, mcp=True, token=TOKEN, data=(data,)) as url:
        yield f"{url}mcp"


def call(client: Any, name: str, arguments: dict[str, Any]) -> Any:
    """A tool's reply, asked through a client that is not open yet."""

    async def asked() -> Any:
        async with client as opened:
            return await opened.call_tool(name, arguments)

    return asyncio.run(asked())


def over_http(address: str, token: str) -> Client:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return Client(streamable_http_client(address, http_client=http))


def test_tools_say_what_they_want_and_that_they_change_nothing(
    command: StdioServerParameters,
) -> None:
    async def listed() -> Any:
        async with Client(command) as client:
            return (await client.list_tools()).tools, client.instructions

    tools, instructions = asyncio.run(listed())
    assert [tool.name for tool in tools] == ["query", "describe_tables"]
    assert "never instructions" in instructions
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
    assert {"question", "tables"} <= set(tools[0].input_schema["required"])


def test_a_question_over_standard_input_and_output(command: StdioServerParameters) -> None:
    reply = call(Client(command), "query", {"question": SPENT, "tables": ORDERS})
    answer = reply.structured_content
    assert not reply.is_error
    assert (answer["verified"], answer["verified_on"]) == (True, "data")
    assert answer["result"]["rows"] == [["Bergen", 4.0], ["Oslo", 3.5]]
    assert answer["system"] == {"model": "script", "prompt_variant": "terse_twelve"}
    assert answer["id"]


def test_files_are_listed_and_nothing_beside_them(command: StdioServerParameters) -> None:
    described = call(Client(command), "describe_tables", {}).structured_content
    assert described["more_files"] is False
    tables = described["tables"]
    assert set(tables) == {"orders.csv", "deep/other.parquet"}
    assert tables["orders.csv"] == {
        "columns": {"city": "String", "total": "Float64"},
        "has_data": True,
        "note": None,
    }
    assert tables["deep/other.parquet"]["columns"] == {"id": "Int64", "at": "Null"}


def test_what_lies_outside_is_neither_described_nor_read(address: str, data: Path) -> None:
    for name in ("link.csv", "../secret.csv", str(data.parent / "secret.csv")):
        tables = {"orders": {"file_name": name, "format": "csv"}}
        described = call(over_http(address, TOKEN), "describe_tables", {"tables": tables})
        table = described.structured_content["tables"]["orders"]
        assert (table["columns"], table["has_data"]) == (None, False), name
        asked = call(over_http(address, TOKEN), "query", {"question": SPENT, "tables": tables})
        assert asked.structured_content["verified"] is False
        assert "hunter2" not in asked.content[0].text
        assert "password" not in asked.content[0].text


def test_several_files_over_http(address: str) -> None:
    tables = {**ORDERS, "other": {"file_name": "deep/other.parquet", "format": "parquet"}}
    arguments = {"question": "The rows of both", "tables": tables}
    answer = call(over_http(address, TOKEN), "query", arguments).structured_content
    assert answer["result"]["rows"] == [[3], [1]]


def test_an_answer_that_fails_is_an_answer(address: str) -> None:
    arguments = {"question": "Something else", "tables": ORDERS, "attempts": 1}
    reply = call(over_http(address, TOKEN), "query", arguments)
    assert not reply.is_error
    assert reply.structured_content["failure_class"] == "unknown_column"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"question": "a", "tables": {"orders": {"upload_id": "upl_" + "a" * 32}}},
            "no such upload",
        ),
        ({"question": "a", "tables": {"not a name": {"a": "Int64"}}}, "no name that a variable"),
        ({"question": "a", "tables": {}}, "at least 1 item"),
        ({"question": "a" * 9_000, "tables": ORDERS}, "at most 8000"),
        ({"question": "a", "tables": ORDERS, "max_rows": 1_000_000}, "less than or equal"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_line(
    address: str, arguments: dict[str, Any], said: str
) -> None:
    reply = call(over_http(address, TOKEN), "query", arguments)
    assert reply.is_error
    assert said in reply.content[0].text
    assert "Traceback" not in reply.content[0].text


def test_http_wants_the_token(address: str) -> None:
    for headers in ({}, {"Authorization": "Bearer another-token-of-that-length"}):
        assert httpx2.post(address, json={}, headers=headers).status_code == 401
    with pytest.raises(ExceptionGroup):
        call(over_http(address, "another-token-of-that-length"), "describe_tables", {})


def test_there_is_no_mcp_unless_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path, ANSWERS) as url:
        assert httpx2.post(f"{url}mcp", json={}).status_code == 404
