"""Where a score comes from, for tests that care for little of it."""

from dataclasses import replace
from typing import Any

from darkwood_bench.scoring import Provenance

_PROVENANCE = Provenance(
    model="m",
    prompt_variant="v",
    slice="all",
    suites=("s",),
    backend="b",
    versions="{}",
    device="d",
    mode="sequential",
    budgets="600 s",
    isolation_level="L3",
    weights_sha256="w",
    prompt_variant_hash="p",
    dataset_hash="h",
    dagster_run_id="r",
)


def provenance(**changes: Any) -> Provenance:
    """One that says nothing in particular but what is given."""
    return replace(_PROVENANCE, **changes)
