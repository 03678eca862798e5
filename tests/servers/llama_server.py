"""llama.cpp's own HTTP server with real weights, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

KEY = "the-key-of-the-test"


@dataclass(frozen=True)
class LlamaServer:
    """A server and its process."""

    base_url: str
    process: subprocess.Popen[str]


@contextmanager
def llama_server(weights: Path, context: int, slots: int = 1) -> Iterator[str]:
    """Its base URL. It wants KEY, has `context` tokens a slot, and uses one thread."""
    with start_llama_server(weights, context, slots) as server:
        yield server.base_url


@contextmanager
def start_llama_server(weights: Path, context: int, slots: int = 1) -> Iterator[LlamaServer]:
    """The same, for a test that kills it."""
    command = [sys.executable, __file__, str(weights), str(context), str(slots)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http"), "the server did not start"
        yield LlamaServer(f"{address}/v1", server)
        server.stdin.close()


def _serve(weights: str, context: int, slots: int) -> None:
    """Print the address once it is ready; end when the standard input does."""
    xllamacpp = import_module("xllamacpp")  # compiled, and without type stubs

    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.n_ctx = context * slots
    params.n_parallel = slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_gpu_layers = 0
    params.fit_params = False
    params.cache_ram_mib = 0
    params.api_keys = [KEY]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.ui = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
