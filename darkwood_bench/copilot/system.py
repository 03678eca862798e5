"""Who answers: a model under a prompt variant, asked exactly as the benchmark asks it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from darkwood_bench.asking import Asking, asker
from darkwood_bench.copilot.logs import log
from darkwood_bench.copilot.settings import CopilotSettings, SettingsError
from darkwood_bench.copilot.tables import Table
from darkwood_bench.harness import (
    Decoding,
    ModelProcess,
    ModelSpec,
    choose_backend,
    converted_folder,
    default_model,
    ensure_weights,
    load_models,
)
from darkwood_bench.harness.backends import Mode, Request
from darkwood_bench.harness.shared import SharedProcess
from darkwood_bench.progress import Progress
from darkwood_bench.prompting import (
    Example,
    Question,
    Relation,
    Rendering,
    TableSummary,
    Variant,
    load_variants,
    usual_variants,
)
from darkwood_bench.settings import Settings
from darkwood_bench.storage import read_table

USUAL_VARIANT = "best_cpu"
"""Where there is no leaderboard."""
_READY = Question("", "How many rows are there?", {"t": {"a": "Int64"}})
"""Asked before anybody is there, so that the first one finds what all prompts share read."""


@dataclass(frozen=True)
class Facts:
    """What the data of a request's tables says, as far as the variant shows it."""

    summaries: Mapping[str, TableSummary]
    relations: tuple[Relation, ...]


NO_FACTS = Facts({}, ())


@dataclass(frozen=True)
class Asker:
    """Puts a question as the variant has it."""

    usual: Callable[[Question], Asking]
    by_name: Callable[[Question], Asking]
    """Where nothing is known of the tables but their names."""


@dataclass(frozen=True)
class System:
    """A row of the leaderboard that can be served."""

    model: str
    spec: ModelSpec
    variant: Variant
    decoding: Decoding
    mode: Mode

    def ask(
        self,
        question: str,
        tables: Mapping[str, Table],
        asker: Asker,
        facts: Facts = NO_FACTS,
    ) -> Asking:
        """The question as the model is asked it; tables of which only names are known by name."""
        texts = {name: table.texts for name, table in tables.items()}
        asked = Question("", question, texts, facts.summaries, facts.relations)
        if tables and all(table.columns is None for table in tables.values()):
            return asker.by_name(asked)
        return asker.usual(asked)

    def asker(self, pool: Sequence[Example]) -> Asker:
        """What asks, with the examples that may be shown. Raises VariantError for too few."""
        changed = {"rendering": Rendering(layout="names"), "grammar": None}
        by_name = self.variant.model_copy(update=changed)
        return Asker(asker(self.variant, pool), asker(by_name, pool))

    def request(self, asking: Asking, messages: Sequence[Mapping[str, str]]) -> Request:
        """What the engine is asked."""
        needed = self.variant.language != "sql"
        return Request(messages, self.decoding, asking.grammar, grammar_needed=needed)

    def load(self, bench: Settings, asker: Asker) -> SharedProcess:
        """Fetch the weights if need be, start the model's process and warm it up.

        Raises WeightsError and BackendError.
        """
        weights = ensure_weights(self.spec, bench.cache, _report)
        converted = converted_folder(bench.cache, weights.sha256)
        choice = choose_backend(self.spec, self.decoding, converted, self.mode)
        if choice.name == "transformers" and self.mode == "batched":
            raise SettingsError("mode: transformers answers one request at a time here")
        process = SharedProcess(ModelProcess(choice.name, choice.engine, weights.path))
        process.start(lambda _: None)
        asking = asker.usual(_READY)
        short = replace(self.decoding, max_tokens=1)
        waiting = [
            process.ask(Request(asking.messages, short), lambda _: None)[1]
            for _ in range(choice.slots)
        ]
        for answer in waiting:
            answer.exception()  # one that is too long for the context is told so when it is asked
        return process

    def slots(self, bench: Settings) -> int:
        """How many answers are made at once. Raises BackendError where there is no such engine."""
        converted = converted_folder(bench.cache, "")
        return choose_backend(self.spec, self.decoding, converted, self.mode).slots


def choose_system(settings: CopilotSettings, bench: Settings) -> System:
    """The system that the settings name; where they do not, the best of the leaderboard.

    Raises SettingsError for a model or variant that there is not, or that cannot be served.
    """
    models, variants = load_models(bench.models), load_variants(bench.variants)
    for kind, name, known in (
        ("model", settings.model, models),
        ("variant", settings.variant, variants),
    ):
        if name is not None and name not in known:
            raise SettingsError(f"{kind}: there is no '{name}'; there are {', '.join(known)}")
    best = _best(settings, bench, models, variants)
    model = settings.model or (best[0] if best else default_model(models))
    usual = USUAL_VARIANT if USUAL_VARIANT in variants else usual_variants(variants)[0]
    variant = settings.variant or (best[1] if best else usual)
    if models[model].brings_prompt:
        raise SettingsError(f"model: {model} is a server itself; name a model that is none")
    if variants[variant].vote is not None:
        raise SettingsError(f"variant: {variant} has candidates vote; name one that asks once")
    decoding = Decoding(context=settings.context or models[model].context)
    return System(model, models[model], variants[variant], decoding, settings.mode)


def _best(
    settings: CopilotSettings,
    bench: Settings,
    models: Mapping[str, ModelSpec],
    variants: Mapping[str, Variant],
) -> tuple[str, str] | None:
    """Model and variant of the highest rank among the systems that were asked the most tasks."""
    board = read_table(bench.tables, "leaderboard")
    rows: list[Mapping[str, Any]] = [] if board is None else board.to_dicts()
    fitting = [
        row
        for row in rows
        if row["rank"] is not None
        and row["model"] in models
        and row["prompt_variant"] in variants
        and not models[row["model"]].brings_prompt
        and variants[row["prompt_variant"]].vote is None
        and settings.model in (None, row["model"])
        and settings.variant in (None, row["prompt_variant"])
    ]
    if not fitting:
        return None
    best = min(fitting, key=lambda row: (-row["n_tasks"], row["rank"]))
    return best["model"], best["prompt_variant"]


def _report(progress: Progress) -> None:
    if progress.note or progress.done == progress.total:
        log("weights", subject=progress.subject, done=progress.done, total=progress.total)
