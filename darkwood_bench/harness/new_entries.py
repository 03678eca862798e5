"""An entry for the registry, made from what the source itself says: sizes, hashes, names.

Each function gives the entry as the registry file has it, and raises SourceError when the source
cannot be asked or does not have what is wanted.
"""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from darkwood_bench.harness.downloads import SourceError
from darkwood_bench.harness.hub import Remote, Repository, fetch_remote, look, model_files
from darkwood_bench.harness.source_entries import HubFile
from darkwood_bench.harness.weights import path_sha256
from darkwood_bench.identity import content_hash, file_hash

GGUF = ".gguf"
CONTEXT = 8192
ASK_S = 10.0
_DIALECTS = {"llamacpp": "llama.cpp", "vllm": "vllm"}
"""What a server calls itself in `owned_by`, and the dialect that it speaks."""


def from_hub(repo: str, file: str | None, revision: str) -> dict[str, Any]:
    """A GGUF of a repository, or all of one that has none, fixed to the commit it is at now.

    The hub tells the hash of large files; small ones are fetched for theirs.
    """
    found = look(HubFile(repo=repo, file=file, revision=revision))
    source = {"repo": repo, "revision": found.commit}
    name = repo.partition("/")[2] or repo
    if file is None and not any(one.name.endswith(GGUF) for one in found.files):
        files = model_files(found.files)
        if not any(one.name.endswith(".safetensors") for one in files):
            raise SourceError(f"{repo} has neither GGUF nor safetensors files")
        return {
            "title": name,
            "backend": "transformers",
            "dtype": "bfloat16",
            "file": _cache_name(name),
            "bytes": sum(one.size for one in files),
            "sha256": _repository_sha256(found, files),
            "context": CONTEXT,
            "licence": found.licence,
            "sources": [{"hub": source}],
        }
    one = _chosen(found, file)
    if one.sha256 is None:
        raise SourceError(f"the hub tells no SHA-256 of {one.name}; give a large file")
    return {
        "title": f"{name} {_quantisation(one.name)}".strip(),
        "file": _cache_name(Path(one.name).name),
        "bytes": one.size,
        "sha256": one.sha256,
        "quantisation": _quantisation(one.name),
        "context": CONTEXT,
        "licence": found.licence,
        "sources": [{"hub": {**source, "file": one.name}}],
    }


def from_path(path: Path, cache: Path) -> dict[str, Any]:
    """A GGUF file, or a folder as transformers has it; hashed here, used where it lies."""
    if not path.exists():
        raise SourceError(
            f"{path}: no such file or folder; give one, a hub repository (owner/name) or a URL"
        )
    if path.is_dir() and not (path / "config.json").exists():
        raise SourceError(f"{path}: has no config.json, so transformers cannot read it")
    if path.is_file() and path.suffix != GGUF:
        raise SourceError(f"{path}: is no GGUF; give a .gguf file, or a folder for transformers")
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    folder = {"backend": "transformers", "dtype": "bfloat16"} if path.is_dir() else {}
    return {
        "title": path.stem if path.is_file() else path.name,
        **folder,
        "file": _cache_name(path.name),
        "bytes": sum(file.stat().st_size for file in files),
        "sha256": path_sha256(path, cache),
        "quantisation": _quantisation(path.name) if path.is_file() else "",
        "context": CONTEXT,
        "sources": [{"local": str(path.absolute())}],
    }


def from_server(base_url: str, model: str | None, key: str | None) -> dict[str, Any]:
    """The model of a server, by its list of models. `key` is only sent, and kept nowhere."""
    import httpx2

    from darkwood_bench.harness.hardware import is_loopback

    url = base_url.rstrip("/")
    local = is_loopback(httpx2.URL(url).host)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        reply = httpx2.get(
            f"{url}/models", headers=headers, timeout=ASK_S, trust_env=not local
        ).raise_for_status()
        listed = {str(one["id"]): one for one in reply.json()["data"]}
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        hint = "; give --api-key-env" if status in (401, 403) and not key else ""
        raise SourceError(f"{url}/models: HTTP {status}{hint}") from error
    except httpx2.HTTPError as error:
        raise SourceError(f"{url} does not answer ({error}); is it running?") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{url}/models: no list of models; does the URL end in /v1?") from error
    name = _named(url, model, list(listed))
    # llama.cpp answers to any name, whatever it lists.
    only = next(iter(listed.values())) if len(listed) == 1 else {}
    about: Mapping[str, Any] = listed.get(name) or only
    dialect = _DIALECTS.get(str(about.get("owned_by")), "openai")
    return {
        "title": Path(name).name,
        "context": int(about.get("max_model_len") or CONTEXT),
        "server": {
            "base_url": url,
            "model": name,
            **({} if dialect == "openai" else {"dialect": dialect, "grammar": dialect}),
        },
    }


def _named(url: str, model: str | None, listed: list[str]) -> str:
    if model is not None:
        # Some servers take short names, or any name at all: the first request will tell.
        return model
    if len(listed) == 1:
        return listed[0]
    names = ", ".join(listed[:10]) or "none"
    raise SourceError(f"{url} has {len(listed)} models; choose one with --model: {names}")


def _chosen(found: Repository, file: str | None) -> Remote:
    files = {one.name: one for one in found.files if one.name.endswith(GGUF)}
    if file is None and len(files) == 1:
        return next(iter(files.values()))
    if file in files:
        return files[file]
    sizes = ", ".join(f"{one.name} ({one.size / 1e9:.1f} GB)" for one in files.values())
    if file is None:
        raise SourceError(f"{found.repo} has {len(files)} GGUF files; choose with --file: {sizes}")
    raise SourceError(f"{found.repo} has no GGUF {file}; it has {sizes or 'none'}")


def _repository_sha256(found: Repository, files: tuple[Remote, ...]) -> str:
    """The hash that the folder will have, as `darkwood_bench.harness.weights` says."""
    hashes = {}
    with tempfile.TemporaryDirectory(prefix="darkwood-") as folder:
        for one in files:
            target = Path(folder, one.name)
            if one.sha256 is None:
                fetch_remote(found.repo, found.commit, one, target)
            hashes[one.name] = one.sha256 or file_hash(target)
    return content_hash(hashes)


def _cache_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name).lstrip("._-")


def _quantisation(name: str) -> str:
    """Q4_K_M out of model-q4_k_m.gguf."""
    found = re.search(r"(?:^|[._-])((?:i?q\d\w*)|bf16|f16|f32)(?=\.gguf$)", name, re.IGNORECASE)
    return found[1].upper() if found else ""
