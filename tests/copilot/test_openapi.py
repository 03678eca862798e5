"""Whatever fits the description of the interface, and much that does not: no server error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from page_service import running, scripted
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from darkwood_bench.copilot.settings import CopilotSettings

EXAMPLES = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("bench")
    asked = CopilotSettings(model="script", variant="schema", execute=True, data=(folder,))
    bench = scripted(folder, "answers: [{text: 'result = pl.DataFrame({\"a\": [1]})'}]")
    with running(asked, bench) as address:
        yield schemathesis.openapi.from_url(f"{address}openapi.json")


PROFILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_request_is_answered_as_described(described: Any, mode: GenerationMode) -> None:
    asked = set()
    for found in described.get_all_operations():
        operation = found.ok()

        @PROFILE
        @given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: Any) -> None:
            # 503 is part of the description: a model that is loading is no server error.
            case.call_and_validate(checks=CHECKS)

        try:
            answered()
        except Unsatisfiable:  # a request with nothing in it cannot be wrong
            assert mode == GenerationMode.NEGATIVE
            continue
        asked.add(f"{operation.method.upper()} {operation.path}")
    assert {"POST /chat", "POST /v1/query", "POST /v1/execute", "POST /v1/uploads"} <= asked
