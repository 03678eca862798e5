"""What the pages say, that they hold together, and that nobody's text gets out of its place."""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from documents import parse
from made_report import Made, make
from made_store import Size

from darkwood_bench.report.addresses import answers_page, slug, system_page, task_page
from darkwood_bench.report.answers import answers_context, answers_inputs
from darkwood_bench.report.pages import count_pages
from darkwood_bench.tables import FAILURE_CLASSES

KNOWN_SCRIPTS = {"static/theme.js", "static/report.js"}


def html_pages(made: Made) -> list[str]:
    return [str(path.relative_to(made.folder)) for path in made.folder.rglob("*.html")]


def test_every_system_task_and_answer_has_its_page(made: Made) -> None:
    pages = set(html_pages(made))
    for system in made.contents.systems:
        assert system_page(system.model, system.variant) in pages
    for task in made.contents.tasks:
        task_id = task.row["task_id"]
        assert task_page(task_id) in pages
        for answer in task.answers:
            page = answers_page(task_id, answer.model)
            assert slug(answer.variant) in parse(made.page(page)).ids
    assert made.written.pages == count_pages(made.contents)


@pytest.mark.parametrize("which", ["made", "hostile"])
def test_pages_are_whole_and_their_links_lead_somewhere(
    which: str, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(which)
    documents = {page: parse(made.page(page)) for page in html_pages(made)}
    ids = {page: set(document.ids) for page, document in documents.items()}
    for page, document in documents.items():
        assert not document.unclosed, (page, document.unclosed)
        assert not document.stray, (page, document.stray)
        assert len(document.ids) == len(ids[page]), page
        for link in document.links:
            address, fragment = urldefrag(link)
            path = urlsplit(address).path
            target = page
            if path:
                joined = PurePosixPath(page).parent / path
                parts: list[str] = []
                for part in joined.parts:
                    parts = parts[:-1] if part == ".." else [*parts, part]
                target = "/".join(parts)
            assert target in documents, (page, link)
            assert not fragment or unquote(fragment) in ids[target], (page, link)


def test_nothing_is_asked_for_outside_the_folder_nor_run_but_its_own_scripts(
    hostile: Made,
) -> None:
    for page in html_pages(hostile):
        document = parse(hostile.page(page))
        for name, found in document.elements:
            assert name not in ("img", "iframe", "object", "embed", "base", "style"), page
            assert not [key for key in found if key.startswith("on") or key == "style"], page
            for key in ("src", "href"):
                assert not re.match(r"\s*([a-z]+:|//)", found.get(key, ""), re.IGNORECASE), page
            if name == "script":
                assert found["src"].replace("../", "") in KNOWN_SCRIPTS
        assert document.elements.count(("script", {})) == 0
    css = hostile.page("static/report.css")
    assert "url(" not in css
    assert "@import" not in css


def test_what_a_model_wrote_is_shown_as_it_wrote_it(hostile: Made) -> None:
    task = hostile.contents.tasks[0]
    page = answers_page(task.row["task_id"], task.answers[0].model)
    text = parse(hostile.page(page)).text
    assert "<script>document.title='owned'</script>" in text
    assert "{{ 7*7 }}" in text
    assert "⟨U+202E⟩␀␛[31m" in text  # what could not be seen, or would turn the text around
    assert "\u202e" not in text


def test_the_board_has_what_the_tables_say(made: Made) -> None:
    text = parse(made.page("index.html")).text
    for system in made.contents.systems:
        board = system.board
        silent = sum(system.failures.get(name, 0) for name in FAILURE_CLASSES[-5:])
        assert silent == system.silently_wrong
        assert f"{board['N']} of {board['n_tasks']} right" in text
        page = parse(made.page(system_page(system.model, system.variant))).text
        assert f"Silently wrong{silent}" in page.replace("\n", "")
    wrong = sum(sum(system.failures.values()) for system in made.contents.systems)
    assert wrong == sum(
        not answer.verdict["correct"] for task in made.contents.tasks for answer in task.answers
    )


def test_modes_are_never_mixed_and_unranked_rows_say_why(tmp_path: Path) -> None:
    made = make(tmp_path, Size(tasks=6), mode="batched", unmeasured=True)
    board = parse(made.page("index.html"))
    assert "batched" in board.text
    assert "VRAM and RAM of the server that answered could not be measured" in board.text
    alone = parse(made.page(system_page("model-0", "variant_0"))).text
    assert "Not ranked: VRAM and RAM of the server" in alone
    assert "requests overlap and share their time" in parse(made.page("cost.html")).text


def test_differing_cells_are_marked_in_words_too(made: Made) -> None:
    shown = [
        (task.row["task_id"], answer)
        for task in made.contents.tasks
        for answer in task.answers
        if answer.difference and answer.difference["pairs"]
    ]
    assert shown
    task_id, answer = shown[0]
    document = parse(made.page(answers_page(task_id, answer.model)))
    marks = [found for name, found in document.elements if name == "mark"]
    assert marks
    assert "differs: " in document.text
    assert "2 rows of gold." in document.text


def test_a_page_of_endless_answers_stays_small_and_says_what_is_left_out(made: Made) -> None:
    task = made.contents.tasks[0]
    answer = task.answers[0]
    endless = [{**answer.attempts[-1], "raw_text": "x" * 10**6, "code": "(" * 10**6}]
    many = [type(answer)(**{**vars(answer), "attempts": endless}) for _ in range(40)]
    shown = answers_context(answers_inputs(task, "m", many))["answers"]
    letters = sum(
        len(one["last"]["raw"]["text"]) + len(one["last"]["code"]["text"]) for one in shown
    )
    assert letters < 500_000
    assert all(one["last"]["raw"]["left_out"] > 10**5 for one in shown)


def test_every_table_and_figure_can_be_heard(made: Made) -> None:
    for page in html_pages(made):
        document = parse(made.page(page))
        names = [name for name, _ in document.elements]
        assert names.count("h1") == 1, page
        assert names.count("main") == 1, page
        for name, found in document.elements:
            if name == "th":
                assert found.get("scope") in ("col", "row"), page
            if name == "svg":
                assert found.get("aria-hidden") == "true" or found.get("aria-labelledby"), page
            if found.get("class", "").split(" ")[0] in ("scroll", "code"):
                assert found["tabindex"] == "0", page
                assert found["aria-label"], page
        assert ("html", {"lang": "en"}) in document.elements
