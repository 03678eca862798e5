"""The page in a real browser, over the service with a real model."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="the browser's driver is an extra of the tests")

from browsing import chromium, visit
from page_service import running
from playwright.sync_api import expect

from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.harness import load_models
from darkwood_bench.harness.entries import WeightsSpec
from darkwood_bench.settings import PACKAGE, PROJECT, settings_from_env

MODEL = "qwen2.5-coder-0.5b"
REGISTRY = PACKAGE / "harness" / "models.yaml"
PATIENCE_S = 600
"""On a machine that does other things, too."""
ORDERS = (
    "city,total,day\nOslo,3.5,2024-01-01\nBergen,4,2024-01-02\nOslo,1.5,2024-01-03\n"
    "Bergen,2,2024-01-03\nOslo,1,2024-01-04\n"
)


@pytest.mark.real_model
def test_a_real_model_answers_in_a_real_browser() -> None:
    spec = load_models(REGISTRY)[MODEL]
    assert isinstance(spec, WeightsSpec)
    cached = settings_from_env().cache / "weights" / spec.file
    if (
        not cached.is_file()
        and not Path(os.environ.get("DARKWOOD_WEIGHTS", "/"), spec.file).is_file()
    ):
        pytest.skip(f"{spec.file} (491 MB) is neither cached nor in DARKWOOD_WEIGHTS")
    bench = replace(settings_from_env(), models=(REGISTRY,), datasets=PROJECT / "datasets")
    settings = CopilotSettings(model=MODEL, variant="terse_twelve", timeout_s=PATIENCE_S)
    with chromium() as browser, running(settings, bench) as url, visit(browser, url) as seen:
        page = seen.page
        expect(page.locator("#service")).to_have_attribute(
            "data-state", "ready", timeout=PATIENCE_S * 1000
        )
        expect(page.locator("#service")).to_contain_text(MODEL)
        seen.upload("orders.csv", ORDERS)
        seen.ask("How many orders are there for each city? Columns: city, n_orders.", PATIENCE_S)
        expect(page.locator(".card .badge")).to_have_text("✓Verified on your data")
        cells = page.locator(".result tbody td").all_inner_texts()
        rows = sorted(zip(cells[::2], cells[1::2], strict=True))
        assert rows == [("Bergen", "2"), ("Oslo", "3")]
        expect(page.locator(".code code")).to_contain_text("group_by")
        expect(page.locator(".chart svg .bar")).to_have_count(2)
        assert seen.violations() == []
        seen.shot("real-model")
        seen.ask(
            "What is the total spent on each day? Columns: day, spent. Sort by day.", PATIENCE_S
        )
        seen.shot("real-model-days")
