import pytest

from darkwood_bench.harness import ModelSpec, SubmissionSpec, WeightsSpec
from darkwood_bench.harness.source_entries import LocalSource
from darkwood_bench.harness.submission_entry import Submission
from darkwood_bench.pairing import grid_variants, pairs
from darkwood_bench.prompting import VariantError

WEIGHTS: ModelSpec = WeightsSpec(title="A", file="a", sources=(LocalSource(local="a"),))
ENTRY: ModelSpec = SubmissionSpec(title="B", submission=Submission(command=("serve",)))
REGISTRY = ["minimal", "schema"]


def test_the_grid_has_own_only_where_a_model_brings_its_prompt() -> None:
    assert grid_variants({"a": WEIGHTS}, REGISTRY) == REGISTRY
    assert grid_variants({"a": WEIGHTS, "b": ENTRY}, REGISTRY) == [*REGISTRY, "own"]


def test_each_model_is_asked_under_what_suits_it() -> None:
    models = {"a": WEIGHTS, "b": ENTRY}
    order = grid_variants(models, REGISTRY)
    assert pairs(models, [], order) == [("a", "minimal"), ("a", "schema"), ("b", "own")]
    assert pairs({"a": WEIGHTS}, ["schema"], order) == [("a", "schema")]
    assert pairs({"b": ENTRY}, ["own"], order) == [("b", "own")]


def test_what_does_not_suit_is_refused_and_named() -> None:
    with pytest.raises(VariantError, match=r"b brings its own prompt.*'schema'"):
        pairs({"b": ENTRY}, ["schema"], REGISTRY)
    with pytest.raises(VariantError, match="'own' is for submissions, and a has no prompt"):
        pairs({"a": WEIGHTS, "b": ENTRY}, ["own"], REGISTRY)
