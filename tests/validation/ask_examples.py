"""Ask a real model the examples split in the ways of seeking/prompts.yaml; keep its answers.

    python tests/validation/ask_examples.py MODEL PROMPT... [--temperature 0.8 --seed 1]

The test split is not looked at, and an example is not shown with what gives it away. Answers go
to $DAGSTER_HOME/darkwood/journal/seeking-MODEL.jsonl, a line each as it is made, for
collect_answers.py; what is there already is not asked again.
"""

import argparse
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.assets.generations import AskedPrompt
from darkwood_bench.assets.prompts import Pair, allowed, example_of, given_away
from darkwood_bench.assets.table_facts import question_of
from darkwood_bench.harness import Decoding, Generator, load_models
from darkwood_bench.identity import content_id
from darkwood_bench.journal import Journal
from darkwood_bench.progress import silent
from darkwood_bench.prompting import (
    Example,
    Variant,
    build_messages,
    choose_examples,
    load_variants,
)
from darkwood_bench.settings import Settings, settings_from_env
from darkwood_bench.tasks import Task

PROMPTS = Path(__file__).parent / "seeking" / "prompts.yaml"


def main() -> None:
    """Ask in each way, one after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="of the registry")
    parser.add_argument("prompts", nargs="+", choices=sorted(load_variants(PROMPTS)))
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, default=0, help="questions of a way; 0 for all")
    parser.add_argument("--ordered", action="store_true", help="only those with an order of rows")
    parser.add_argument("--max-tokens", type=int, default=256)
    options = parser.parse_args()
    settings = settings_from_env()
    bank = open_bank(settings, silent)
    examples = [task for task in bank.all_tasks() if task.split == "examples"]
    asked = [task for task in examples if task.order_by or not options.ordered]
    step = max(1, len(asked) // options.limit) if options.limit else 1
    banned = given_away([*(replace(task, split="test") for task in examples), *examples])
    decoding = Decoding(
        options.temperature, options.max_tokens, options.seed, load_context(options.model, settings)
    )
    for name in options.prompts:
        variant = load_variants(PROMPTS)[name]
        prompts = prompts_of(variant, asked[::step], examples, banned, bank, settings)
        ask(options.model, variant.name, prompts, decoding, settings)


def load_context(model: str, settings: Settings) -> int:
    """The context that the registry gives a model."""
    return load_models(settings.models)[model].context


def prompts_of(
    variant: Variant,
    asked: Sequence[Task],
    examples: Sequence[Task],
    banned: Collection[Pair],
    bank: Bank,
    settings: Settings,
) -> list[AskedPrompt]:
    """The prompt of each task that is asked."""

    def question(task: Task) -> Example:
        row = vars(task)
        found = question_of(row, bank, settings.cache, data=variant.rendering.needs_data)
        return example_of(row, found)

    pool = [question(task) for task in examples] if variant.examples else []
    prompts = []
    for task in asked:
        one = question(task).question
        shown = choose_examples(variant, allowed(pool, task.task_id, banned), one)
        messages = build_messages(variant, one, shown)
        if variant.name.startswith("rewrite-"):
            messages = [*messages[:-1], {"role": "user", "content": f"Program:\n{task.gold_code}"}]
        prompts.append(AskedPrompt(content_id(messages), task.task_id, messages, None))
    return prompts


def ask(
    model: str,
    name: str,
    prompts: Sequence[AskedPrompt],
    decoding: Decoding,
    settings: Settings,
) -> None:
    """Have them answered into the journal."""
    journal = Journal(settings.store / "journal" / f"seeking-{model}.jsonl", key="generation_id")
    spec = load_models(settings.models)[model]
    with Generator(model, spec, decoding, journal, settings.cache, silent) as generator:
        answered = generator.run(prompts, prompt_variant=name).rows
    seconds = sum(row["wall_s"] for row in answered)
    print(f"{model} {name}: {len(answered)} answers in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
