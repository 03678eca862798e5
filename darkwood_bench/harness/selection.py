"""Which engine answers for a model on this machine, found without starting it."""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from darkwood_bench.harness.backends import Backend, BackendError, Engine, Mode, backend_class
from darkwood_bench.harness.decoding import Decoding
from darkwood_bench.harness.entries import ModelSpec, ServerSpec, SubmissionSpec, WeightsSpec
from darkwood_bench.harness.hardware import Device, cpu, gpu, server
from darkwood_bench.identity import ID_LENGTH


@dataclass(frozen=True)
class Choice:
    """A backend, the device it will run on, and what it will be set up with."""

    name: str
    engine: Engine
    device: Device
    label: str
    """The `backend` column: name and version, with the settings that can change an answer."""
    slots: int
    """How many requests it works on at once."""
    versions: dict[str, str]
    """Of Python and of the distributions that the answers depend on."""


def converted_folder(cache: Path, weights_sha256: str) -> Path:
    """Where a backend keeps what it derives from some weights."""
    return cache / "converted" / weights_sha256.rpartition(":")[2][:ID_LENGTH]


def choose_backend(
    spec: ModelSpec, decoding: Decoding, converted: Path, mode: Mode = "sequential"
) -> Choice:
    """The backend of a model here; `converted` is the folder for what it makes of the weights.

    Raises BackendError when it is not installed, or has no batched mode and is to run in it.
    """
    name, device = _backend_and_device(spec)
    chosen = backend_class(name)
    engine = Engine(
        "cuda" if device.kind == "cuda" else "cpu",
        spec.dtype if isinstance(spec, WeightsSpec) else "",
        decoding.context,
        decoding.threads,
        converted,
        mode,
        spec.server.concurrency * len(spec.server.addresses)
        if isinstance(spec, ServerSpec)
        else None,
        spec.quantise if isinstance(spec, WeightsSpec) else "none",
    )
    backend = chosen(engine)
    if mode == "batched" and backend.slots == 1:
        raise BackendError(
            f"{name} answers one request at a time here; run it with --mode sequential"
        )
    return Choice(
        name, engine, device, f"{name} {backend.version}", backend.slots, _versions(chosen)
    )


def _backend_and_device(spec: ModelSpec) -> tuple[str, Device]:
    if isinstance(spec, ServerSpec):
        return "openai", server(spec.server.base_url)
    accelerator = gpu()
    if isinstance(spec, SubmissionSpec):
        elsewhere = spec.submission.url
        return "submission", server(elsewhere) if elsewhere else accelerator or cpu()
    name = spec.backend
    if name == "auto":
        name = "transformers" if accelerator and _transformers_has_cuda() else "llamacpp"
    return name, accelerator if accelerator and backend_class(name).has_cuda() else cpu()


def _transformers_has_cuda() -> bool:
    """Whether the extra is installed, with a torch that was built for GPUs."""
    installed = all(find_spec(package) for package in ("torch", "transformers"))
    return installed and backend_class("transformers").has_cuda()


def _versions(chosen: type[Backend]) -> dict[str, str]:
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in ("darkwood-bench", *chosen.packages):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
