import json
import subprocess
import sys

HEAVY = ("dagster", "polars", "pydantic", "pandera", "huggingface_hub", "yaml", "psutil", "numpy")


def test_the_worker_imports_nothing_of_the_pipeline() -> None:
    """Its memory is a term of the score."""
    code = "import darkwood_bench.harness.worker, json, sys; print(json.dumps(list(sys.modules)))"
    modules = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    loaded = {module.partition(".")[0] for module in modules}
    assert "darkwood_bench" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_backends_are_named_without_their_libraries() -> None:
    code = (
        "import json, sys\n"
        "from darkwood_bench.harness.backends import backend_class\n"
        "for name in ('llamacpp', 'transformers'): backend_class(name)\n"
        "print(json.dumps(list(sys.modules)))"
    )
    modules = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    assert {"xllamacpp", "torch", "transformers"}.isdisjoint(modules)
