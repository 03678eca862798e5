"""Prompts in, generations out: each made once, written down at once, and metered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from darkwood_bench.harness.backends import BackendError, Mode, Request
from darkwood_bench.harness.budgets import Budgets
from darkwood_bench.harness.conversations import Conversations, Turn, chain
from darkwood_bench.harness.decoding import Decoding
from darkwood_bench.harness.entries import ModelSpec, ServerSpec
from darkwood_bench.harness.generation_ids import Prompt, batch_id, generation_id
from darkwood_bench.harness.ordering import by_shared_beginning
from darkwood_bench.harness.process import ModelProcess
from darkwood_bench.harness.records import MOST_CRASHES, Conditions, Record, make_record, table_rows
from darkwood_bench.harness.rounds import Outcome, one_by_one, together
from darkwood_bench.harness.selection import choose_backend, converted_folder
from darkwood_bench.harness.server_memory import ServerMeter
from darkwood_bench.harness.usage import RunUsage, run_usage, times_of
from darkwood_bench.harness.weights import ensure_weights, known_by, weights_sha256
from darkwood_bench.harness.worthwhile import Attempts
from darkwood_bench.journal import Journal
from darkwood_bench.progress import Progress, Report, silent

SLOW_LOAD_S = 5
"""From here on the seconds of a load are shown."""
Note = Callable[[str], None]


@dataclass(frozen=True)
class GenerationBatch:
    """The answers to one run's prompts, in their order, and what they cost."""

    rows: list[dict[str, Any]]
    """As `tables.GENERATIONS`."""
    usage: RunUsage
    differing: list[str]
    """Tasks whose text was not the same in every repeat: the first one's is the answer."""


class Generator:
    """One model that answers prompts. A context manager; the model's process ends with it.

    Nothing is fetched or started until a prompt comes that the journal has no answer to.
    """

    def __init__(
        self,
        model: str,
        spec: ModelSpec,
        decoding: Decoding,
        journal: Journal,
        cache: Path,
        report: Report = silent,
        *,
        mode: Mode = "sequential",
        budgets: Budgets | None = None,
    ) -> None:
        """`journal` has the key `generation_id`; without `budgets` they are the default ones.

        Raises BackendError when the model's backend is not installed or has no such mode, or when
        a memory has a limit that is not measured; and
        WeightsError when a local file, by whose hash its answers are known, is not there.
        """
        self.model = model
        self.spec = spec
        self.decoding = decoding
        self.mode: Mode = mode
        self.budgets = budgets or Budgets()
        if self.budgets.of_memory and not spec.memory_measured:
            raise BackendError(
                f"{model} answers on a server whose memory nobody here sees; run it without "
                "--max-ram and --max-vram"
            )
        self._journal = journal
        self._cache = cache
        self._report = report
        self._weights_sha256 = weights_sha256(spec, cache)
        converted = converted_folder(cache, self._weights_sha256)
        choice = choose_backend(spec, decoding, converted, mode)
        self._choice = replace(choice, versions=choice.versions | known_by(spec, cache))
        self._process: ModelProcess | None = None
        self._elsewhere = (
            ServerMeter(spec.server)
            if isinstance(spec, ServerSpec) and spec.server.memory is not None
            else None
        )
        self._crashes: Mapping[str, int] = {}
        """How often the model's process has died of an answer, by the generation's id."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._elsewhere is not None:
            self._elsewhere.stop()
        if self._process is not None:
            self._process.close()
            self._process = None

    def run(
        self,
        prompts: Sequence[Prompt],
        *,
        prompt_variant: str,
        repeats: int = 1,
        regeneration: str | None = None,
    ) -> GenerationBatch:
        """Answer prompts, each `repeats` times; rows come in the order of the prompts.

        Answers of the journal are reused with their measured times; with `regeneration`, a name,
        only those are that were made under this name, so that one that was stopped goes on. The
        same prompt for two tasks is generated once. An answer that fails is a row with an error.
        Every repeat begins with nothing cached.

        Raises WeightsError or BackendError when the model cannot be loaded, and ValueError for
        no prompts.
        """
        again = [p.finishing for p in prompts if p.finishing]
        if self.mode == "batched" and any(one.attempts or one.vote for one in again):
            raise BackendError(
                f"{prompt_variant} asks again (repair_attempts or vote), which needs answers one "
                "by one; run it with --mode sequential, or leave both out of the variant"
            )
        batch = batch_id(prompts) if self.mode == "batched" else None
        numbers = range(1, repeats + 1)
        keys = [[self._id(prompt, batch, repeat) for prompt in prompts] for repeat in numbers]
        done = self._reusable({key for of_repeat in keys for key in of_repeat}, regeneration)
        n_reused = _count(keys, done)
        conditions = self._conditions(prompt_variant, regeneration)

        def report(note: str) -> None:
            unit, total = "task" if repeats == 1 else "answer", len(prompts) * repeats
            subject = f"{self.model} {prompt_variant}"
            self._report(Progress("generations", subject, _count(keys, done), total, unit, note))

        if n_reused:
            report(f"{n_reused} reused")
        for repeat, of_repeat in zip(numbers, keys, strict=True):
            asked = zip(of_repeat, prompts, strict=True)
            pending = {key: prompt for key, prompt in asked if key not in done}
            if pending and self._process is None:
                report("loading")

            def keep(record: Record) -> None:
                self._journal.append(record)
                done[record["generation_id"]] = record
                report(_speed(record))

            if pending:
                so_far = _so_far(chain(key, done) for key in of_repeat if key in done)
                self._ask(pending, repeat, conditions, keep, report, so_far)
        attempts = [[chain(key, done) for key in of_repeat] for of_repeat in keys]
        records = [[record for each in of_repeat for record in each] for of_repeat in attempts]
        times = [
            _like(of_repeat, times_of(flat))
            for of_repeat, flat in zip(attempts, records, strict=True)
        ]
        return GenerationBatch(
            table_rows(prompts, prompt_variant, attempts, times),
            run_usage(records, self.budgets, n_reused),
            _differing(prompts, attempts),
        )

    def _ask(
        self,
        pending: Mapping[str, Prompt],
        repeat: int,
        conditions: Conditions,
        keep: Callable[[Record], None],
        report: Note,
        so_far: Attempts,
    ) -> None:
        """Have these prompts, by the ids of their generations, answered; keep each as it comes."""

        def waiting(seconds: float) -> None:
            _report_loading(seconds, report)

        def start() -> None:
            process.start(waiting)

        process = self._made()
        start()
        # Neither the time nor the memory of a repeat depends on what was asked before it.
        process.renew(waiting)

        def decoding(prompt: Prompt, turn: Turn) -> Decoding:
            vote = prompt.finishing.vote if prompt.finishing else None
            if vote is None or turn.candidate == 1:
                return self.decoding
            seed = self.decoding.seed + turn.candidate - 1
            return replace(self.decoding, temperature=vote.temperature, seed=seed)

        def request(prompt: Prompt, turn: Turn) -> Request:
            limit_s = self.budgets.max_seconds
            # A query is read and compiled in any case, so that its grammar is a help.
            needed = prompt.finishing is None or prompt.finishing.language != "sql"
            chosen = decoding(prompt, turn)
            return Request(turn.messages, chosen, prompt.grammar, prompt.asked, limit_s, needed)

        def record(prompt: Prompt, turn: Turn, outcome: Outcome, next_id: str | None) -> Record:
            return make_record(
                turn.generation_id,
                prompt,
                repeat,
                outcome,
                replace(conditions, decoding=decoding(prompt, turn)),
                process,
                attempt=turn.attempt,
                feedback=turn.feedback,
                next_id=next_id,
                crashes=self._crashes.get(turn.generation_id, 0),
            )

        ordered = by_shared_beginning(pending)
        talks = Conversations(ordered, request, record, keep, so_far)
        limit_s = self.budgets.max_seconds
        if self.mode == "batched":
            slots = self._choice.slots
            together(process, start, talks.requests, slots, limit_s, talks.finish, talks.tell)
        else:
            one_by_one(process, start, talks.requests, limit_s, talks.finish, talks.tell)

    def _reusable(self, asked: set[str], regeneration: str | None) -> dict[str, Record]:
        """The journal's answers to what is asked that stand."""
        known = self._journal.read()
        self._crashes = {
            key: known[key].get("crashes") or 0
            for key in asked & known.keys()
            if regeneration in (None, known[key]["regeneration"])
        }
        chains = [chain(key, known) for key in asked]
        return {
            record["generation_id"]: record
            for records in chains
            if all(self._stands(record, regeneration) for record in records)
            and self.budgets.admit_together(records)
            for record in records
        }

    def _stands(self, record: Record, regeneration: str | None) -> bool:
        crashes = record.get("crashes") or 0  # older rows have none
        return (
            (not record["transient"] or crashes >= MOST_CRASHES)
            and self.budgets.admit(record)
            and regeneration in (None, record["regeneration"])
        )

    def _id(self, prompt: Prompt, batch: str | None, repeat: int) -> str:
        return generation_id(
            prompt_id=prompt.prompt_id,
            weights_sha256=self._weights_sha256,
            backend=self._choice.label,
            device=self._choice.device.name,
            decoding=self.decoding,
            grammar=prompt.grammar,
            asked=prompt.asked,
            finishing=prompt.finishing,
            mode=self.mode,
            batch=batch,
            repeat=repeat,
        )

    def _conditions(self, prompt_variant: str, regeneration: str | None) -> Conditions:
        return Conditions(
            model=self.model,
            prompt_variant=prompt_variant,
            choice=self._choice,
            weights_sha256=self._weights_sha256,
            decoding=self.decoding,
            memory_measured=self.spec.memory_measured,
            elsewhere=self._elsewhere,
            price=self.spec.price,
            mode=self.mode,
            budgets=self.budgets,
            regeneration=regeneration,
        )

    def _made(self) -> ModelProcess:
        """The model's process object; its worker may not run yet."""
        if self._process is None:
            weights = ensure_weights(self.spec, self._cache, self._report)
            if weights.sha256 != self._weights_sha256:
                raise BackendError(
                    f"{self.model}: its weights, or its code, changed as the run began; run again, "
                    "and keep what changes (logs, caches) out of a submission's folder"
                )
            choice = self._choice
            self._process = ModelProcess(choice.name, choice.engine, weights.path, self.budgets)
            if self._elsewhere is not None:
                self._elsewhere.start()
        return self._process


def _report_loading(seconds: float, report: Note) -> None:
    if seconds >= SLOW_LOAD_S:
        report(f"loading, {seconds:.0f} s")


def _count(keys: Sequence[Sequence[str]], done: Mapping[str, Record]) -> int:
    return sum(key in done for of_repeat in keys for key in of_repeat)


def _so_far(attempts: Iterable[Sequence[Record]]) -> Attempts:
    """What the answers that are there already tell of what another attempt is worth."""
    found = Attempts()
    for record in (record for each in attempts for record in each):
        passed = record["problem"] is None and record["error_kind"] is None
        found.note(record["attempt"], record["wall_s"], passed=passed)
    return found


def _like(attempts: Sequence[Sequence[Record]], times: Sequence[float]) -> list[list[float]]:
    """Times of all attempts, one list a prompt."""
    left = iter(times)
    return [[next(left) for _ in each] for each in attempts]


def _differing(
    prompts: Sequence[Prompt], repeats: Sequence[Sequence[Sequence[Record]]]
) -> list[str]:
    """Tasks that got more than one text."""
    answers = zip(*([each[-1]["raw_text"] for each in row] for row in repeats), strict=True)
    return [
        prompt.task_id
        for prompt, of_task in zip(prompts, answers, strict=True)
        if len({*of_task}) > 1
    ]


def _speed(record: Record) -> str:
    """How an answer came, in a few characters."""
    if record["error_kind"] is not None:
        return str(record["error_kind"]).replace("_", " ")
    seconds = record["wall_s"] if record["mode"] == "sequential" else 0.0
    tokens = record["completion_tokens"]
    return f"{tokens / seconds:.0f} tok/s" if tokens and seconds else ""
