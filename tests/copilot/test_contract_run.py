"""The benchmark scores the copilot as it scores any entry: through the hackathon's contract."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from page_service import running

from darkwood_bench.asking import ask
from darkwood_bench.copilot.examples import examples_pool
from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.harness import (
    Asked,
    AskedTable,
    Decoding,
    Generator,
    load_models,
)
from darkwood_bench.harness.finishing import Finishing
from darkwood_bench.journal import Journal
from darkwood_bench.prompting import Question, load_variants
from darkwood_bench.settings import settings_from_env

VARIANT = "schema"
QUESTIONS = ("How many cards are there? Name the column n.", "Which cards cost more than 2?")
ENTRY = """
models:
  copilot:
    title: The copilot
    default: true
    submission: {{url: "{address}", tables: {tables}}}
"""


class AskedPrompt:
    """A prompt as the harness takes it."""

    def __init__(self, question: str, table: Path) -> None:
        schema = pl.read_parquet_schema(table)
        texts = {name: str(dtype) for name, dtype in schema.items()}
        self.prompt_id = self.task_id = question
        self.question = Question("", question, {"cards": texts})
        self.messages = [{"role": "user", "content": question}]
        self.grammar: str | None = None
        self.asked: Asked | None = Asked(question, {"cards": AskedTable(table, texts, 3)})
        self.finishing: Finishing | None = None


@pytest.mark.real_model
@pytest.mark.parametrize("tables", ["files", "dtypes", "columns"])
def test_what_it_answers_is_what_the_benchmarked_system_answers(
    tmp_path: Path, tables: str
) -> None:
    registry = Path(__file__).parents[1] / "registries" / "models.yaml"
    bench = replace(settings_from_env(), models=(registry,))
    table = tmp_path / "cards.parquet"
    pl.DataFrame({"name": ["Elf", "Orc"], "cost": [1, 3]}).write_parquet(table)
    model, variant = load_models(registry)["smollm2-135m"], load_variants(bench.variants)[VARIANT]
    decoding = Decoding(context=model.context)

    direct = [AskedPrompt(question, table) for question in QUESTIONS]
    pool = examples_pool(variant, bench)
    for prompt in direct:
        prompt.messages = ask(variant, prompt.question, pool).messages
        prompt.asked = None
    journal = Journal(tmp_path / "direct.jsonl", key="generation_id")
    with Generator("smollm2-135m", model, decoding, journal, bench.cache) as generator:
        expected = generator.run(direct, prompt_variant=VARIANT).rows

    settings = CopilotSettings(model="smollm2-135m", variant=VARIANT, data=(tmp_path,))
    with running(settings, bench) as address:
        entries = tmp_path / "entries.yaml"
        entries.write_text(ENTRY.format(address=address.rstrip("/"), tables=tables))
        entry = load_models(entries)["copilot"]
        journal = Journal(tmp_path / "served.jsonl", key="generation_id")
        with Generator("copilot", entry, decoding, journal, tmp_path / "cache") as generator:
            posted = [AskedPrompt(question, table) for question in QUESTIONS]
            answered = generator.run(posted, prompt_variant="own").rows
    assert [row["error"] for row in answered] == [None, None]
    # An answer without code is a comment that says so.
    code = [row["code"] or "# No program: the model's answer has no code in it" for row in expected]
    assert [row["raw_text"] for row in answered] == code
