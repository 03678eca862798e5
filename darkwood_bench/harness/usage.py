"""What a partition's generations cost, from the journal's rows alone.

Each row carries the meters as they stood when it was made. So the cost of a run that was killed
and resumed is the cost of the rows, wherever and whenever each of them was generated.

T of one repeat is, in sequential mode, the sum of wall_s over tasks; a generation that answers two
tasks counts for both. In batched mode it is the wall time of the batch, from its start to the last
row that came of it. A batch that was stopped counts up to its last row, and the batch in which the
rest was asked is added: that is what the rows took.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from darkwood_bench.harness.backends import Mode
from darkwood_bench.harness.budgets import OVER_BUDGET, Budgets

Record = Mapping[str, Any]


@dataclass(frozen=True)
class RunUsage:
    """The measured columns of a `tables.RUNS` row; what each is stands there."""

    n_generations: int
    n_reused: int
    n_errors: int
    n_over_budget: int
    load_s: float
    total_s: float
    endpoints: list[dict[str, Any]]
    repeats: int
    repeat_total_s: list[float]
    repeat_cpu_s: list[float] | None
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost: float | None
    peak_vram_bytes: int | None
    allocated_vram_bytes: int | None
    peak_ram_bytes: int | None
    dry_run_bytes: int | None
    energy_j: float | None
    other_load: float | None
    device: str
    cpu: str
    driver: str | None
    gpu_clock_low_mhz: int | None
    gpu_clock_high_mhz: int | None
    throttling: list[str]
    versions: str
    mode: Mode
    backend: str
    weights_sha256: str
    max_ram_bytes: int | None
    max_vram_bytes: int | None
    max_seconds: float

    def row(self) -> dict[str, Any]:
        """The columns by name."""
        return asdict(self)

    @property
    def cached_share(self) -> float | None:
        """Share of the prompts' tokens that was not read again; None when none was counted."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None


def times_of(records: Sequence[Record]) -> list[float]:
    """Each row's part of one repeat's T, in seconds: its own time, or an equal part of a batch's.

    What is asked together takes its time together; no measurement tells whose it was.
    """
    if records and records[0]["mode"] == "batched":
        total_s = sum(record["wall_s"] for record in _stretches(records))
        return [total_s / len(records)] * len(records)
    return [record["wall_s"] for record in records]


def run_usage(repeats: Sequence[Sequence[Record]], budgets: Budgets, n_reused: int) -> RunUsage:
    """The usage that journal rows add up to: for each repeat, one for each answered task.

    Raises ValueError without rows: then nothing was measured.
    """
    records = [record for of_repeat in repeats for record in of_repeat]
    if not records:
        raise ValueError("no generations, so nothing that they cost")
    newest = max(records, key=lambda record: record["recorded_at"])
    totals = [sum(times_of(of_repeat)) for of_repeat in repeats]
    stretches = [record for of_repeat in repeats for record in _stretches(of_repeat)]
    costs = _known(records, "cost")
    energies = _known(stretches, "energy_j")
    measured = len(energies) == len(stretches)
    lows, highs = (_known(records, f"gpu_clock_{end}_mhz") for end in ("low", "high"))
    return RunUsage(
        n_generations=len(records),
        n_reused=n_reused,
        # A failed attempt is an answer's last one, so that these are tasks.
        n_errors=sum(record["error_kind"] is not None for record in repeats[0]),
        n_over_budget=sum(record["error_kind"] in OVER_BUDGET for record in repeats[0]),
        load_s=max(record["load_s"] for record in records),
        total_s=sum(totals) / len(totals),
        endpoints=_endpoints(records),
        repeats=len(repeats),
        repeat_total_s=totals,
        repeat_cpu_s=_cpu_seconds(repeats),
        prompt_tokens=sum(_known(records, "prompt_tokens")),
        cached_tokens=sum(_known(records, "cached_tokens")),
        completion_tokens=sum(_known(records, "completion_tokens")),
        cost=sum(costs) / len(repeats) if costs else None,
        peak_vram_bytes=_peak(records, "peak_vram_bytes"),
        allocated_vram_bytes=max(_known(records, "allocated_vram_bytes"), default=None),
        peak_ram_bytes=_peak(records, "peak_ram_bytes"),
        dry_run_bytes=max(_known(records, "dry_run_bytes"), default=None),
        energy_j=sum(energies) / len(repeats) if measured else None,
        other_load=_other_load(stretches),
        device=newest["device"],
        cpu=newest["cpu"],
        driver=newest["driver"],
        gpu_clock_low_mhz=min(lows, default=None),
        gpu_clock_high_mhz=max(highs, default=None),
        throttling=sorted({reason for record in records for reason in record["throttling"]}),
        versions=newest["versions"],
        mode=newest["mode"],
        backend=newest["backend"],
        weights_sha256=newest["weights_sha256"],
        **budgets.row(),
    )


def _endpoints(records: Sequence[Record]) -> list[dict[str, Any]]:
    """What each of several servers did, as `tables.ENDPOINTS`, in the order of their names."""
    answered = [record for record in records if record.get("endpoint")]
    tried = [name for record in records for name in record.get("failed_at") or ()]
    figures = []
    for name in sorted({*tried, *(record["endpoint"] for record in answered)}):
        own = [record for record in answered if record["endpoint"] == name]
        figures.append(
            {
                "endpoint": name,
                "answers": len(own),
                "failed_tries": tried.count(name),
                "completion_tokens": sum(_known(own, "completion_tokens")),
                "wall_s": sum(record["wall_s"] for record in own),
            }
        )
    return figures


def _stretches(records: Sequence[Record]) -> list[Record]:
    """The rows whose times, energies and loads add up to the whole: in batched mode, the last row
    of each batch, because what a row of a batch says counts from the batch's start."""
    alone = [record for record in records if record["batch"] is None]
    last: dict[str, Record] = {}
    for record in records:
        batch = record["batch"]
        if batch is not None and record["wall_s"] >= last.get(batch, record)["wall_s"]:
            last[batch] = record
    return [*alone, *last.values()]


def _cpu_seconds(repeats: Sequence[Sequence[Record]]) -> list[float] | None:
    """CPU seconds of each repeat; None where one was not measured."""
    stretches = [_stretches(of_repeat) for of_repeat in repeats]
    if any(record.get("cpu_s") is None for of_repeat in stretches for record in of_repeat):
        return None
    return [sum(record["cpu_s"] for record in of_repeat) for of_repeat in stretches]


def _other_load(stretches: Sequence[Record]) -> float | None:
    """Share of this process's cores that other processes had meanwhile, 0 to 1; None where the
    model answered elsewhere."""
    if len(_known(stretches, "other_cpu_s")) < len(stretches):
        return None
    available_s = sum(record["wall_s"] * record["cores"] for record in stretches)
    other_s = sum(record["other_cpu_s"] for record in stretches)
    return min(1.0, max(0.0, other_s / available_s)) if available_s else 0.0


def _peak(records: Sequence[Record], column: str) -> int | None:
    """None where the model answered elsewhere, and its memory was not seen."""
    peaks = [record[column] for record in records]
    return None if None in peaks else max(peaks)


def _known(records: Sequence[Record], column: str) -> list[Any]:
    return [record[column] for record in records if record.get(column) is not None]
