"""Whether weights are on this machine, or a source of them answers."""

import subprocess
import sys
from pathlib import Path

from darkwood_bench.harness import WeightsSpec, cached_weights, load_models
from darkwood_bench.harness.source_entries import HubFile, HubSource, LocalSource, Source
from darkwood_bench.settings import settings_from_env

INDEX_TIMEOUT_S = 30.0


def missing_weights() -> list[str]:
    """The models of the registry whose weights are not here, and that no source answers for."""
    settings = settings_from_env()
    return [
        name
        for name, spec in load_models(settings.models).items()
        if isinstance(spec, WeightsSpec)
        and cached_weights(spec, settings.cache) is None
        and not any(asked_source(source)[1] for source in spec.sources)
    ]


def asked_source(source: Source) -> tuple[str, bool]:
    """A source in words, and whether it answers. Nothing is fetched."""
    if isinstance(source, LocalSource):
        return f"file {source.local}", Path(source.local).exists()
    if isinstance(source, HubSource):
        return f"hub {source.hub.repo}", _reaches_hub(source.hub)
    package = source.wheels.packages[0].split("==")[0]
    return f"package index, for {package}", reaches_index(package)


def _reaches_hub(file: HubFile) -> bool:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    try:
        url = hf_hub_url(file.repo, file.file or "README.md", revision=file.revision)
        get_hf_file_metadata(url, timeout=INDEX_TIMEOUT_S)
    except Exception:
        # Whatever the client library raises, of its own or of its HTTP library's: no answer.
        return False
    return True


def reaches_index(package: str) -> bool:
    """Whether pip's index has a package of that name."""
    command = [sys.executable, "-m", "pip", "index", "versions", "--pre", package]
    try:
        result = subprocess.run(command, capture_output=True, timeout=INDEX_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0
