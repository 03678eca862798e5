"""The score rows of one partition: all tasks, then each category."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from darkwood_bench.identity import content_id
from darkwood_bench.scoring.bootstrap import bootstrap_rate
from darkwood_bench.scoring.formula import GB, score
from darkwood_bench.scoring.intervals import wilson


@dataclass(frozen=True)
class Answer:
    """One task's outcome."""

    task_id: str
    database: str
    category: str
    difficulty: int
    generation_id: str
    code_hash: str | None
    """Of the code that was judged; None where there was none."""
    correct: bool
    correct_ignoring_names: bool
    correct_on_base: bool
    """Whether the base data alone would not have told it from gold."""
    wall_s: float
    """Seconds from request to final code, all attempts together."""
    verified: bool
    """Whether an independent oracle confirms the gold that it was judged by."""
    repeat_s: tuple[float, ...] = ()
    """The same seconds in each repeat of the run, of which wall_s is the mean; empty for one."""

    @property
    def repeats(self) -> tuple[float, ...]:
        """Seconds in each repeat of the run."""
        return self.repeat_s or (self.wall_s,)


@dataclass(frozen=True)
class Costs:
    """What the partition's run cost beside time."""

    load_s: float
    peak_vram_bytes: int | None
    """Of the generating process; None where that was somebody else's server."""
    peak_ram_bytes: int | None
    other_load: float | None
    """Share of the cores that other processes had meanwhile, 0 to 1; None where nobody saw."""


@dataclass(frozen=True)
class Provenance:
    """Everything that a score depends on, as it stands beside it on the board."""

    model: str
    prompt_variant: str
    slice: str
    suites: tuple[str, ...]
    backend: str
    versions: str
    device: str
    mode: str
    budgets: str
    """What one answer could cost at most, in words."""
    isolation_level: str
    weights_sha256: str
    prompt_variant_hash: str
    dataset_hash: str
    dagster_run_id: str


def score_rows(
    answers: Sequence[Answer], costs: Costs, provenance: Provenance, scored_at: datetime
) -> list[dict[str, Any]]:
    """Rows of the table `scores`: category 'all' first, then each category by name, then each
    difficulty as 'difficulty 1' and so on.

    An interval of VRAM or RAM is null: one run measures one peak. T's and the score's are
    bootstrapped over databases and repeats (see `bootstrap`). Where memory was not measured there
    is no score.
    """
    groups = {"all": list(answers)}
    for answer in sorted(answers, key=lambda answer: (answer.category, answer.task_id)):
        groups.setdefault(answer.category, []).append(answer)
    for answer in sorted(answers, key=lambda answer: answer.difficulty):
        groups.setdefault(f"difficulty {answer.difficulty}", []).append(answer)
    return [
        _row(category, group, costs, provenance, scored_at) for category, group in groups.items()
    ]


def _row(
    category: str,
    answers: Sequence[Answer],
    costs: Costs,
    provenance: Provenance,
    scored_at: datetime,
) -> dict[str, Any]:
    asked = len(answers)
    correct = sum(answer.correct for answer in answers)
    seconds = sum(answer.wall_s for answer in answers)
    vram, ram = _gigabytes(costs.peak_vram_bytes), _gigabytes(costs.peak_ram_bytes)
    share = wilson(correct, asked)
    spread = bootstrap_rate(
        [float(answer.correct) for answer in answers],
        [answer.repeats for answer in answers],
        [answer.database for answer in answers],
    )
    rate, total = (spread.rate, spread.cost) if spread else (None, None)
    scale = score(1.0, 1.0, vram, ram)
    depends_on = asdict(provenance) | {
        "category": category,
        "answers": [
            [answer.task_id, answer.correct, answer.wall_s, answer.repeat_s] for answer in answers
        ],
        "costs": asdict(costs),
    }
    del depends_on["dagster_run_id"]
    return {
        "score_id": content_id(depends_on),
        **asdict(provenance),
        "suites": list(provenance.suites),
        "category": category,
        "n_tasks": asked,
        "N": correct,
        "N_low": share.low * asked,
        "N_high": share.high * asked,
        "n_ignoring_names": sum(answer.correct_ignoring_names for answer in answers),
        "n_base_only": sum(answer.correct_on_base and not answer.correct for answer in answers),
        "n_unverified": sum(not answer.verified for answer in answers),
        "accuracy": correct / asked if asked else 0.0,
        "accuracy_low": share.low,
        "accuracy_high": share.high,
        "T": seconds,
        "T_low": total and total.low,
        "T_high": total and total.high,
        "VRAM_GB": vram,
        "VRAM_GB_low": None,
        "VRAM_GB_high": None,
        "RAM_GB": ram,
        "RAM_GB_low": None,
        "RAM_GB_high": None,
        "score": score(correct, seconds, vram, ram),
        "score_low": rate.low * scale if rate and scale else None,
        "score_high": rate.high * scale if rate and scale else None,
        "load_s": costs.load_s,
        "other_load": costs.other_load,
        "task_ids": [answer.task_id for answer in answers],
        "databases": [answer.database for answer in answers],
        "generation_ids": [answer.generation_id for answer in answers],
        "code_hashes": [answer.code_hash for answer in answers],
        "correct": [answer.correct for answer in answers],
        "wall_s": [answer.wall_s for answer in answers],
        "repeat_s": [list(answer.repeats) for answer in answers],
        "scored_at": scored_at,
    }


def _gigabytes(size: int | None) -> float | None:
    return None if size is None else size / GB


def weakest(levels: Iterable[str]) -> str:
    """The weakest isolation level among executions (L0 is weaker than L3); 'none' without any."""
    return min(levels, default="none")
