"""From a question to an answer: asked, finished, verified, and asked again where it fails."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from darkwood_bench.asking import Asking, finishing
from darkwood_bench.copilot.engine import Engine
from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.models import AttemptRow, Progress, QueryOptions, RunOn, Timings
from darkwood_bench.copilot.runner import Runner
from darkwood_bench.copilot.system import System
from darkwood_bench.copilot.tables import Table
from darkwood_bench.copilot.tracing import describe, stage
from darkwood_bench.copilot.verification import Verification, verify
from darkwood_bench.harness import BackendError, Finishing, Problem
from darkwood_bench.harness.backends import Message
from darkwood_bench.harness.feedback import follow_up
from darkwood_bench.harness.finishing import Final, final_code
from darkwood_bench.harness.worthwhile import Attempts

Tell = Callable[[Progress], None]
_NO_CODE = Problem("no_code")


@dataclass
class Answer:
    """An answer as it comes about: whatever ends it, what there is by then stays."""

    code: str | None = None
    rewrites: tuple[str, ...] = ()
    verification: Verification = field(
        default_factory=lambda: Verification(None, None, "there is no code")
    )
    attempts: list[AttemptRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    queue_s: float = 0.0
    generate_s: float = 0.0
    verify_s: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    def timings(self) -> Timings:
        """As of now."""
        total = time.perf_counter() - self.started
        return Timings(
            queue_s=self.queue_s,
            generate_s=self.generate_s,
            verify_s=self.verify_s,
            total_s=total,
        )

    def fail(self, reason: str) -> None:
        """There will be no better answer, and why."""
        self.verification = Verification(None, None, reason)

    def end_late(self, within: str) -> None:
        """Its time is up: what there is stays."""
        self.fail(f"not verified {within}" if self.code else f"no answer {within}")


class Answerer:
    """Answers questions with one system."""

    def __init__(self, system: System, engine: Engine, runner: Runner) -> None:
        self._system = system
        self._engine = engine
        self._runner = runner
        self._so_far = Attempts()

    async def generate(
        self, asking: Asking, tables: Mapping[str, Table], answer: Answer, tell: Tell
    ) -> None:
        """Have the model answer as the benchmark has it, and leave the code in `answer`.

        Nothing is run beyond what the prompt variant itself has run: dry runs over empty tables.
        """
        wanted = self._finishing(tables)
        attempts = 1 + (wanted.attempts if wanted else 0)
        run_on = "empty_frames" if attempts > 1 else None
        await self._attempts(asking, tables, answer, attempts, run_on, tell, self._so_far)

    async def query(
        self,
        asking: Asking,
        tables: Mapping[str, Table],
        options: QueryOptions,
        answer: Answer,
        tell: Tell,
    ) -> None:
        """Have the model answer, run its code, and ask again where it fails."""
        await self._attempts(asking, tables, answer, options.attempts, options.run_on, tell)

    async def _attempts(
        self,
        asking: Asking,
        tables: Mapping[str, Table],
        answer: Answer,
        attempts: int,
        run_on: RunOn | None,
        tell: Tell,
        so_far: Attempts | None = None,
    ) -> None:
        """`run_on`: what the code is run over; None where it is not run at all. `so_far`: asks
        again only where that is likely to pay, as a run of the benchmark does."""
        messages: Sequence[Message] = asking.messages
        columns = {name: list(table.columns or ()) for name, table in tables.items()}
        for attempt in range(1, attempts + 1):
            before = answer.generate_s + answer.verify_s
            try:
                text, final = await self._ask(asking, messages, tables, answer, attempt, tell)
            except BackendError as error:
                if answer.code is None:  # else the attempt before stands
                    answer.fail(_reason(error, self._system))
                return
            previous, answer.code, answer.rewrites = answer.code, final.code, final.rewrites
            problem = _NO_CODE if final.code is None else None
            if final.code is None:
                answer.fail("the model's answer has no code in it")
            elif run_on is not None:
                tell(Progress(stage="verifying", attempt=attempt))
                problem = await self._verify(final.code, tables, run_on, answer)
            answer.attempts.append(_row(final, answer.verification))
            if so_far is not None:
                took = answer.generate_s + answer.verify_s - before
                so_far.note(attempt, took, passed=problem is None)
            if problem is None or attempt == attempts or (attempt > 1 and previous == final.code):
                return
            if so_far is not None and not so_far.is_another_worthwhile():
                return
            messages = follow_up(messages, text, problem, columns)
            tell(Progress(stage="repairing", attempt=attempt + 1))

    async def _ask(
        self,
        asking: Asking,
        messages: Sequence[Message],
        tables: Mapping[str, Table],
        answer: Answer,
        attempt: int,
        tell: Tell,
    ) -> tuple[str, Final]:
        """One answer of the model and its code, and the time that they took."""

        def progressed(stage: str, tokens: int | None) -> None:
            shown = "queued" if stage == "queued" else "generating"
            tell(Progress(stage=shown, attempt=attempt, tokens=tokens))

        request = self._system.request(asking, messages)
        with stage("generate", attempt=attempt, model=self._system.model) as span:
            generated = await self._engine.generate(request, progressed, returning=attempt > 1)
            completion = generated.completion
            describe(
                span,
                queue_s=generated.queue_s,
                prompt_tokens=completion.prompt_tokens,
                completion_tokens=completion.completion_tokens,
            )
        began = time.perf_counter()
        text = completion.text
        final = await asyncio.to_thread(final_code, text, self._finishing(tables))
        answer.queue_s += generated.queue_s
        answer.generate_s += generated.generate_s + time.perf_counter() - began
        return text, final

    async def _verify(
        self, code: str, tables: Mapping[str, Table], run_on: RunOn, answer: Answer
    ) -> Problem | None:
        """Run the code; what the model may be told of it."""
        began = time.perf_counter()
        try:
            with stage("verify", on=run_on) as span:
                found = await verify(self._runner, code, tables, run_on)
                describe(span, status=found.execution.status if found.execution else "not_run")
            answer.warnings += [note for note in found.notes if note not in answer.warnings]
            answer.verification = found
        except Refused as error:
            answer.fail(f"it was not run: {error.detail}")
        finally:
            answer.verify_s += time.perf_counter() - began
        return answer.verification.problem

    def _finishing(self, tables: Mapping[str, Table]) -> Finishing | None:
        """As the variant has it, but no static repair where not all columns are known."""
        variant = self._system.variant
        if any(table.columns is None for table in tables.values()):
            variant = variant.model_copy(update={"static_repair": False})
        schemas = {name: table.columns or {} for name, table in tables.items()}
        # Repair takes None for a dtype that is not known; what it checks is run by ourselves.
        return finishing(variant, schemas, lambda _: None)  # type: ignore[arg-type]


def _row(final: Final, found: Verification) -> AttemptRow:
    execution = found.execution
    status = "not_run" if execution is None else execution.status
    return AttemptRow(
        code=final.code,
        status="no_code" if final.code is None else status,
        error_class=execution.error_class if execution else None,
        error_message=execution.error_message if execution else None,
    )


def _reason(error: BackendError, system: System) -> str:
    """Why there is no answer, without what only the server's own people may know."""
    if error.kind == "prompt_too_long":
        room = system.decoding.context
        return f"the tables and the question are longer than the model's context of {room} tokens"
    return f"the model gave no answer ({error.kind.replace('_', ' ')})"
