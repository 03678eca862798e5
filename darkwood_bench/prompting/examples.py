"""Which worked examples a prompt shows."""

from collections.abc import Sequence

from darkwood_bench.prompting.messages import Example
from darkwood_bench.prompting.variants import Variant, VariantError


def choose_examples(variant: Variant, pool: Sequence[Example]) -> tuple[Example, ...]:
    """One example for each category that the variant names, the suites taking turns.

    The choice does not depend on the question, so that an engine reads the examples once a run.
    `pool` holds the examples split only. Raises VariantError when a category has no example.
    """
    if variant.examples is None:
        return ()
    suites = sorted({example.suite for example in pool})
    chosen: list[Example] = []
    for turn, category in enumerate(variant.examples.categories):
        order = suites[turn % len(suites) :] + suites[: turn % len(suites)] if suites else []
        candidates = [
            example
            for suite in order
            for example in pool
            if example.suite == suite and example.category == category and example not in chosen
        ]
        if not candidates:
            raise VariantError(
                f"variant {variant.name}: examples.categories: no unused example of '{category}' "
                "in the examples split; name another category or add an example"
            )
        chosen.append(candidates[0])
    return tuple(chosen)
