"""How long the report takes to build, from tables of the true schemas made up for it.

    python benchmarks/report.py                    # 10 models x 3 variants x 500 tasks
    python benchmarks/report.py --models 30 --variants 1

Prints the seconds of reading and of writing, CPU seconds beside them, the pages' count and sizes,
and the same for a second build in which nothing has changed.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT / "tests" / "made"))

from made_store import Size, make_store  # noqa: E402

from darkwood_bench.report import build_report  # noqa: E402
from darkwood_bench.report_source import read_contents  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="How long the report takes to build.")
    parser.add_argument("--models", type=int, default=10)
    parser.add_argument("--variants", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=500)
    parser.add_argument("--nights", type=int, default=5, help="kept scores of each system")
    parser.add_argument("--keep", type=Path, help="write the store and report here and keep them")
    asked = parser.parse_args()
    size = Size(asked.models, asked.variants, asked.tasks, suites=10, nights=asked.nights)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        tables = make_store(folder, size)
        n_answers = size.models * size.variants * size.tasks
        print(
            f"{size.models * size.variants} systems, {size.tasks} tasks, {n_answers:,} answers",
            flush=True,
        )
        for name in ("first build", "nothing changed"):
            _build(name, tables, folder / "report")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"peak memory {peak:.2f} GB")


def _build(name: str, tables: str, folder: Path) -> None:
    began, cpu_began = perf_counter(), process_time()
    contents = read_contents(tables)
    read = perf_counter()
    written = build_report(contents, folder)
    done, cpu_s = perf_counter(), process_time() - cpu_began
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    path, biggest = written.biggest
    print(
        f"{name}: {done - began:.1f} s (reading {read - began:.1f}, writing {done - read:.1f}; "
        f"{cpu_s:.1f} of CPU); "
        f"{written.pages:,} files, {written.changed:,} written, {sum(sizes) / 1e6:.0f} MB in all; "
        f"biggest {path}, {biggest / 1e6:.2f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
