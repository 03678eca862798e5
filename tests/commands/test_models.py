"""`darkwood models`: in this process where nothing but files is asked, and in one of its own where
a hub answers."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from chat_server import Reply, chat_server
from hub_server import COMMIT, Hub, hub_server
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.harness import ServerSpec, WeightsSpec, load_models
from darkwood_bench.settings import settings_from_env

CONTENT = b"weights of a model"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
GGUF = b"GGUF" * 5000


def _entry(**fields: Any) -> dict[str, Any]:
    entry = {"title": "A", "file": "a.gguf", "bytes": len(CONTENT), "sha256": SHA256}
    return {**entry, "sources": [{"local": "mine/a.gguf"}], **fields}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of one model, whose cached weights are right, and a file with a comment."""
    path = tmp_path / "models.yaml"
    entries = {"models": {"a": _entry(default=True)}}
    path.write_text(f"# mine, all mine\n{yaml.safe_dump(entries, sort_keys=False)}")
    cached = tmp_path / "cache" / "weights" / "a.gguf"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(CONTENT)
    monkeypatch.setenv("DARKWOOD_MODELS", str(path))
    monkeypatch.setenv("DARKWOOD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_COLOR", "1")
    return path


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["models", *arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_the_list_says_what_each_model_is_and_what_is_here(registry: Path, tmp_path: Path) -> None:
    own = yaml.safe_load(registry.read_text())
    server = {"base_url": "http://localhost:1/v1", "model": "m"}
    own["models"] |= {
        "b": _entry(file="b.gguf", sources=[{"local": "b.gguf"}], sha256="0" * 64),
        "far": {"title": "Far", "server": server},
    }
    registry.write_text(yaml.safe_dump(own))
    rows = {row["model"]: row for row in json.loads(_run("--json"))}
    assert [(row["kind"], row["state"]) for row in rows.values()] == [
        ("weights", "cached"),
        ("weights", "missing"),
        ("server", "served"),
    ]
    assert rows["a"]["path"] == str(tmp_path / "cache" / "weights" / "a.gguf")
    assert rows["a"]["freeable_bytes"] == len(CONTENT)
    assert (rows["a"]["registry"], rows["a"]["default"]) == (str(registry), True)
    assert rows == {row["model"]: row for row in json.loads(_run("list", "--json"))}


def test_weights_are_read_anew_to_verify_them(registry: Path, tmp_path: Path) -> None:
    cached = tmp_path / "cache" / "weights" / "a.gguf"
    assert f"a: ok, {SHA256}" in _run("verify")
    before = cached.stat()
    cached.write_bytes(CONTENT[:-1] + b"?")
    os.utime(cached, ns=(before.st_atime_ns, before.st_mtime_ns))
    output = _run("verify", "a", code=1)
    assert f"expected {SHA256}" in " ".join(output.split())
    cached.unlink()
    assert "a: not here" in _run("verify", "a", code=1)
    assert "a: not here" in _run("verify", "--all")


def test_what_is_removed_is_all_that_the_cache_had_of_a_model_and_no_more(
    registry: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    local = tmp_path / "mine" / "a.gguf"
    local.parent.mkdir()
    local.write_bytes(CONTENT)
    for path in (
        cache / "downloads" / "a.gguf" / "hub-1" / "a.gguf.00.part",
        cache / "converted" / SHA256[:16] / "float32" / "model.safetensors",
        cache / "weights" / "other.gguf",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"0" * 3_000_000)
    assert "a: 6 MB freed" in _run("remove", "a")
    assert local.read_bytes() == CONTENT
    assert (cache / "weights" / "other.gguf").exists()
    left = [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert [path.name for path in left if path.parent.name != "verified"] == ["other.gguf"]
    assert "a: 0 MB freed" in _run("remove", "--all")
    _run("remove", code=2)
    _run("remove", "b", code=2)


def test_a_file_is_added_with_its_hash_and_the_rest_stays_as_it_was(
    registry: Path, tmp_path: Path
) -> None:
    before = registry.read_text()
    mine = tmp_path / "Mine-Q4_K_M.gguf"
    mine.write_bytes(GGUF)
    assert "title: Mine-Q4_K_M" in _run("add", "mine", str(mine), "--licence", "MIT")
    assert registry.read_text().startswith(before.rstrip())
    spec = load_models(registry)["mine"]
    assert isinstance(spec, WeightsSpec)
    assert (spec.sha256, spec.bytes) == (hashlib.sha256(GGUF).hexdigest(), 20000)
    assert (spec.quantisation, spec.licence, spec.backend) == ("Q4_K_M", "MIT", "auto")
    assert "mine: ok, " in _run("verify", "mine")


def test_a_folder_is_added_for_transformers(registry: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a model"
    folder.mkdir()
    assert "has no config.json" in _error("add", "folder", str(folder))
    (folder / "config.json").write_text("{}")
    _run("add", "folder", str(folder), "--dtype", "float32", "--quantise", "4bit")
    spec = load_models(registry)["folder"]
    assert isinstance(spec, WeightsSpec)
    assert (spec.backend, spec.dtype, spec.quantise) == ("transformers", "float32", "4bit")
    assert spec.file == "a-model"


def test_what_is_there_already_is_refused_and_nothing_is_written(
    registry: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(GGUF)
    _run("add", "mine", str(mine))
    before = registry.read_text()
    for name, problem in (
        ("mine", "there is a model 'mine' already; choose another name"),
        ("again", "this is 'mine' already, with the same settings"),
        ("Again", "models.Again: is no key"),
    ):
        assert problem in _error("add", name, str(mine))
    assert registry.read_text() == before
    other = tmp_path / "sub" / "a.gguf"
    other.parent.mkdir()
    other.write_bytes(b"other weights, same name")
    _run("add", "b", str(other))
    spec = load_models(registry)["b"]
    assert isinstance(spec, WeightsSpec)
    assert spec.file == "b-a.gguf"


def _error(*arguments: str) -> str:
    """The message of an error that ends the command line."""
    result = CliRunner().invoke(app, ["models", *arguments])
    assert result.exception is not None
    return str(result.exception)


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_your_own_registry_stands_beside_the_one_that_comes_with_darkwood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DARKWOOD_MODELS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = settings_from_env()
    shipped = list(load_models(settings.models))
    assert settings.own_models == tmp_path / "darkwood_bench" / "models.yaml"
    assert not settings.own_models.exists()
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(GGUF)
    _run("add", "mine", str(mine))
    assert list(load_models(settings_from_env().models)) == [*shipped, "mine"]


def test_a_server_is_asked_for_its_models(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = {"data": [{"id": "org/tiny", "owned_by": "vllm", "max_model_len": 2048}]}
    monkeypatch.setenv("TINY_KEY", "sk-secret")
    with chat_server(Reply(body=models)) as server:
        output = _run("add", "tiny", server.base_url, "--api-key-env", "TINY_KEY")
        _run("add", "alias", server.base_url, "--model", "tiny")
        assert server.keys == ["Bearer sk-secret", None]
    alias = load_models(registry)["alias"]
    assert isinstance(alias, ServerSpec)
    assert (alias.server.model, alias.server.dialect) == ("tiny", "vllm")
    spec = load_models(registry)["tiny"]
    assert isinstance(spec, ServerSpec)
    assert (spec.server.model, spec.server.dialect, spec.context) == ("org/tiny", "vllm", 2048)
    assert spec.server.api_key_env == "TINY_KEY"
    assert "sk-secret" not in registry.read_text() + output
    with chat_server(Reply(body={"data": [{"id": "a"}, {"id": "b"}]})) as server:
        said = _error("add", "two", server.base_url)
        assert "2 models; choose one with --model: a, b" in said
        _run("add", "two", server.base_url, "--model", "b", "--revision", "2026-11")
    spec = load_models(registry)["two"]
    assert isinstance(spec, ServerSpec)
    assert (spec.server.model, spec.server.revision) == ("b", "2026-11")
    assert "does not answer" in _error("add", "gone", server.base_url)


@pytest.fixture
def hub(registry: Path) -> Any:
    """A repository with one GGUF, and what a model in the usual form has."""
    files = {"tiny-q8_0.gguf": GGUF, "README.md": b"a model"}
    with hub_server(files) as server:
        yield server


def _with_hub(hub: Hub, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "HF_ENDPOINT": hub.endpoint, "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-W", "ignore", "-m", "darkwood_bench", "models", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return _flat(done.stdout + done.stderr)


def test_a_gguf_of_the_hub_is_added_pulled_and_verified(hub: Hub, registry: Path) -> None:
    _with_hub(hub, "add", "tiny", "me/model")
    assert hub.sent == []
    spec = load_models(registry)["tiny"]
    assert isinstance(spec, WeightsSpec)
    assert (spec.sha256, spec.bytes) == (hashlib.sha256(GGUF).hexdigest(), 20000)
    assert (spec.quantisation, spec.licence) == ("Q8_0", "apache-2.0")
    assert f"revision: {COMMIT}" in registry.read_text()
    assert "tiny-q8_0.gguf" in _with_hub(hub, "pull", "tiny")
    assert hub.sent == [("tiny-q8_0.gguf", 0)]
    assert "tiny: ok, " in _run("verify", "tiny")


def test_a_repository_of_the_hub_has_the_hash_that_its_folder_gets(
    hub: Hub, registry: Path
) -> None:
    hub.files = {
        "model.safetensors": GGUF,
        "config.json": b'{"model_type": "llama"}',
        "tokenizer.json": b"{}",
        "pytorch_model.bin": b"a second copy",
    }
    _with_hub(hub, "add", "whole", "me/model", "--quantise", "8bit")
    assert sorted(name for name, _ in hub.sent) == ["config.json", "tokenizer.json"]
    spec = load_models(registry)["whole"]
    assert isinstance(spec, WeightsSpec)
    assert (spec.backend, spec.quantise) == ("transformers", "8bit")
    _with_hub(hub, "pull", "whole")
    assert "whole: ok, " in _run("verify", "whole")


def test_one_of_several_files_has_to_be_chosen(hub: Hub, registry: Path) -> None:
    hub.files = {"a-q4_0.gguf": b"a", "a-q8_0.gguf": GGUF}
    said = _with_hub(hub, "add", "a2", "me/model", code=2)
    assert "2 GGUF files; choose with --file: a-q4_0.gguf (0.0 GB), a-q8_0.gguf" in said
    said = _with_hub(hub, "add", "a2", "me/model", "--file", "b.gguf", code=2)
    assert "has no GGUF b.gguf; it has a-q4_0.gguf" in said
