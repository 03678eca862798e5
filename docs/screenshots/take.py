"""Take the pictures of this folder anew: `python docs/screenshots/take.py [HOME]`.

Runs SmolLM2 135M over a few tasks in an instance of its own, makes the report of it, opens the UI
and photographs it in headless Chromium. With HOME, a Dagster home in which the model was scored
already, nothing is run and that is photographed. Needs Chromium (CHROMIUM, or on the path) and
`pip install playwright`; weights and databases come from the usual cache.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import uvicorn
from playwright.sync_api import Page, sync_playwright

from darkwood_bench.report_source import report_folder
from darkwood_bench.settings import settings_from_env
from darkwood_bench.trace import find_answers, scored_cells
from darkwood_bench.trace.page import cell_path, partition_path, story_path
from darkwood_bench.ui import served

HERE = Path(__file__).parent
MODEL, VARIANTS = "smollm2-135m", ("schema", "few_shot")
RUN = ["run", "--model", MODEL, "--suite", "cards", "--limit", "8"]
SIZE = {"width": 1280, "height": 800}
PORT = 3917
PATIENCE_MS = 120_000
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def main() -> None:
    """Everything, in a folder that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="darkwood-pictures-") as own:
        given = sys.argv[1] if len(sys.argv) > 1 else None
        os.environ["DAGSTER_HOME"] = given or own
        if given is None:
            variants = [word for name in VARIANTS for word in ("--variant", name)]
            darkwood(*RUN, *variants)
            darkwood("report")
        with address() as url, browser_page() as page:
            photograph(page, url)


def darkwood(*words: str) -> None:
    """One command of darkwood's, in the instance of the pictures."""
    subprocess.run([sys.executable, "-m", "darkwood_bench", *words], check=True)


def photograph(page: Page, url: str) -> None:
    """The pictures, one by one."""
    settings = settings_from_env()
    cell = (MODEL, VARIANTS[0])
    answers = list(find_answers(settings.tables, [cell]))
    assert cell in set(scored_cells(settings.tables))
    take(page, f"{url}/asset-groups", "6_score", "pipeline")
    take(page, f"{url}/assets/scores?view=partitions", "few_shot", "grid")
    take(page, url + partition_path("scores", *cell), "accuracy", "score")
    take(page, url + cell_path(*cell), "answers are correct", "answers")
    take(page, url + story_path(answers[0]), "Executions", "trace", whole=True)
    index = report_folder(settings) / "index.html"
    if index.exists():
        take(page, index.as_uri(), MODEL, "report")
    else:
        print(f"report.png is left as it is: {index} is not there")


def take(page: Page, url: str, text: str, name: str, *, whole: bool = False) -> None:
    """A picture of a page once it shows a text."""
    page.goto(url)
    page.get_by_text(text).first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(3000)  # what is drawn after the text
    path = HERE / f"{name}.png"
    clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": 1600} if whole else None
    page.screenshot(path=path, full_page=whole, clip=clip)  # type: ignore[arg-type]
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


@contextmanager
def address() -> Iterator[str]:
    """Where the UI is for as long as the block lasts."""
    with (
        dg.DagsterInstance.get() as instance,
        served(instance, settings_from_env(), daemon=False) as app,
    ):
        server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{PORT}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of headless Chromium."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("error: no Chromium on the path; install it, or name it in CHROMIUM")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        browser.close()


if __name__ == "__main__":
    main()
