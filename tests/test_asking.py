"""A system is asked the same whether it is measured or serves."""

import pytest

from darkwood_bench.asking import ask, asker
from darkwood_bench.prompting import Example, Question, load_variants
from darkwood_bench.settings import PACKAGE
from darkwood_bench.tables import CATEGORIES

VARIANTS = load_variants(PACKAGE / "prompting" / "variants.yaml")
TABLES = {"cards": {"name": "String", "made": "Date"}, "decks": {"id": "Int64"}}
QUESTIONS = [
    Question("", "How many cards are there, for each name?", TABLES),
    Question("", "Which deck is the largest?", {"decks": {"id": "Int64"}}),
]
POOL = [
    Example(
        Question(f"examples/{number}", f"Show the {category}.", {"cards": {"name": "String"}}),
        "result = cards.select(\n    'name',\n)",
        category,
        "cards",
        ("name",),
    )
    for number, category in enumerate(CATEGORIES)
]


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_one_after_another_is_as_one_alone(name: str) -> None:
    variant = VARIANTS[name]
    pick = variant.examples.pick if variant.examples else None
    if pick is not None and pick.by == "embedding":
        pytest.importorskip("wordllama")
    put = asker(variant, POOL)
    for question in QUESTIONS:
        assert put(question) == ask(variant, question, POOL)
