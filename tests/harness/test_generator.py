"""From prompts to rows: reuse, resumption after kill -9, and errors as rows."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import asked

from darkwood_bench.harness import (
    Asked,
    BackendError,
    Budgets,
    Decoding,
    Finishing,
    Generator,
    WeightsSpec,
    generation_id,
)
from darkwood_bench.journal import Journal
from darkwood_bench.tables import GENERATIONS, pandera_schema

Make = Callable[..., Generator]
COUNT = asked("count the cards", "cards/count")
OTHER = asked("anything else", "cards/other")
CRASH = asked("crash", "cards/crash")


def test_rows_are_those_of_the_table_and_code_is_taken_out(scripted: Make) -> None:
    with scripted() as generator:
        batch = generator.run([COUNT, OTHER], prompt_variant="minimal")
    frame = GENERATIONS.frame(batch.rows)
    pandera_schema(GENERATIONS).validate(frame)
    assert frame["task_id"].to_list() == ["cards/count", "cards/other"]
    assert frame["code"].to_list() == [
        "result = cards.select(pl.len())",
        "result = cards.head(3)",
    ]
    assert frame["raw_text"][0].startswith("Here it is:")
    assert set(frame["prompt_variant"]) == {"minimal"}
    assert frame["finish_reason"].to_list() == ["stop", "stop"]
    assert frame["error"].to_list() == [None, None]


def test_the_usage_is_the_sum_and_the_peaks_of_the_journal(
    scripted: Make, journal: Journal
) -> None:
    with scripted() as generator:
        usage = generator.run([COUNT, OTHER], prompt_variant="minimal").usage
    records = list(journal.read().values())
    assert usage.total_s == sum(record["wall_s"] for record in records) > 0
    assert usage.load_s == records[0]["load_s"] > 0
    assert usage.peak_ram_bytes == max(record["peak_ram_bytes"] for record in records)
    assert usage.peak_ram_bytes is not None
    assert 5e6 < usage.peak_ram_bytes < 1e9
    assert usage.peak_vram_bytes == 0
    assert (usage.n_generations, usage.n_reused) == (2, 0)
    assert usage.backend == "scripted 1"
    assert json.loads(usage.versions)["python"].startswith("3.")
    assert usage.mode == "sequential"


def test_what_is_in_the_journal_is_not_generated_again_and_starts_nothing(
    scripted: Make, tmp_path: Path
) -> None:
    with scripted() as generator:
        first = generator.run([COUNT, OTHER], prompt_variant="minimal")
    with scripted() as generator:
        second = generator.run([OTHER, COUNT], prompt_variant="minimal")
        assert generator._process is None
    assert second.rows == first.rows[::-1]
    assert (second.usage.n_generations, second.usage.n_reused) == (2, 2)
    assert second.usage.total_s == pytest.approx(first.usage.total_s)


def test_every_variant_begins_with_nothing_cached_whatever_was_asked_before(
    scripted: Make,
) -> None:
    shared = "the same long beginning of both prompts, "
    first, second = (asked(shared + name, f"cards/{name}") for name in ("one", "two"))
    with scripted() as generator:
        generator.run([first], prompt_variant="minimal")
        after = generator.run([second], prompt_variant="schema").rows[0]
        within = generator.run(
            [asked(shared + name, f"cards/{name}") for name in ("four", "three")],
            prompt_variant="few_shot",
        ).rows
    assert after["cached_tokens"] == 0
    assert [row["cached_tokens"] > 0 for row in within] == [False, True]


def test_regenerating_measures_anew_and_replaces(scripted: Make) -> None:
    with scripted() as generator:
        first = generator.run([COUNT], prompt_variant="minimal")
        again = generator.run([COUNT], prompt_variant="minimal", regeneration="again")
        assert again.usage.n_reused == 0
        assert again.rows[0]["wall_s"] != first.rows[0]["wall_s"]
        last = generator.run([COUNT], prompt_variant="minimal")
    assert last.rows == again.rows


def test_one_prompt_of_two_tasks_is_generated_once_and_counts_for_both(
    scripted: Make, journal: Journal
) -> None:
    with scripted() as generator:
        batch = generator.run(
            [asked("count the cards", "cards/one"), asked("count the cards", "cards/two")],
            prompt_variant="minimal",
        )
    assert len(journal.read()) == 1
    assert [row["task_id"] for row in batch.rows] == ["cards/one", "cards/two"]
    assert batch.rows[0]["generation_id"] == batch.rows[1]["generation_id"]
    assert batch.usage.total_s == 2 * batch.rows[0]["wall_s"]


def test_the_same_prompt_under_another_variant_is_reused_under_its_name(scripted: Make) -> None:
    with scripted() as generator:
        generator.run([COUNT], prompt_variant="minimal")
        batch = generator.run([COUNT], prompt_variant="schema")
    assert batch.rows[0]["prompt_variant"] == "schema"
    assert batch.usage.n_reused == 1


def test_another_decoding_is_another_generation(scripted: Make) -> None:
    with scripted() as generator:
        long = generator.run([COUNT], prompt_variant="minimal")
    with scripted(max_tokens=2) as generator:
        short = generator.run([COUNT], prompt_variant="minimal")
    assert short.usage.n_reused == 0
    assert short.rows[0]["finish_reason"] == "length"
    assert short.rows[0]["generation_id"] != long.rows[0]["generation_id"]


def test_an_answer_of_other_weights_is_not_reused(
    scripted: Make, journal: Journal, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.yaml"
    spec = WeightsSpec.model_validate(
        {
            "title": "A",
            "backend": "scripted",
            "file": "answers.yaml",
            "sources": [{"local": str(answers)}],
        }
    )
    texts = []
    for text in ("result = 1", "result = 2"):
        answers.write_text(f"answers: [{{text: {text}}}]")
        with Generator("mine", spec, Decoding(threads=1), journal, tmp_path / "cache") as generator:
            texts.append(generator.run([COUNT], prompt_variant="minimal").rows[0]["code"])
    assert texts == ["result = 1", "result = 2"]


def test_a_crash_is_a_row_the_run_goes_on_and_the_next_run_asks_again(
    scripted: Make, journal: Journal
) -> None:
    with scripted() as generator:
        batch = generator.run([CRASH, COUNT], prompt_variant="minimal")
    crashed, answered = batch.rows
    assert (crashed["finish_reason"], crashed["code"]) == ("error", None)
    assert "killed (signal 9)" in crashed["error"]
    assert answered["code"] == "result = cards.select(pl.len())"
    with scripted() as generator:
        again = generator.run([CRASH, COUNT], prompt_variant="minimal")
    assert again.usage.n_reused == 1
    assert len(journal.path.read_text().splitlines()) == 3
    pandera_schema(GENERATIONS).validate(GENERATIONS.frame(batch.rows))


def test_a_prompt_that_the_model_dies_of_is_asked_three_times_in_all(scripted: Make) -> None:
    errors, reused = [], []
    for _ in range(4):
        with scripted() as generator:
            batch = generator.run([CRASH], prompt_variant="minimal")
        errors.append(batch.rows[0]["error"])
        reused.append(batch.usage.n_reused)
    assert reused == [0, 0, 0, 1]
    assert "3 times" not in errors[1]
    assert errors[2].endswith("it did so 3 times, and is asked again with --regenerate only")
    assert errors[3] == errors[2]
    with scripted() as generator:
        again = generator.run([CRASH], prompt_variant="minimal", regeneration="anew")
    assert again.usage.n_reused == 0
    assert "3 times" not in again.rows[0]["error"]


def test_a_worker_that_dies_between_two_repeats_is_replaced(scripted: Make) -> None:
    with scripted() as generator:
        generator.run([COUNT], prompt_variant="minimal")
        assert generator._process is not None
        assert generator._process.pid is not None
        os.kill(generator._process.pid, signal.SIGKILL)
        rows = generator.run([COUNT], prompt_variant="minimal", repeats=2).rows
    assert rows[0]["error"] is None
    assert len(rows[0]["repeat_s"]) == 2


def test_a_prompt_that_is_too_long_is_a_row_and_is_not_asked_again(scripted: Make) -> None:
    long = asked("count the cards " * 40, "cards/long")
    with scripted() as generator:
        batch = generator.run([long, COUNT], prompt_variant="minimal")
    assert batch.rows[0]["finish_reason"] == "error"
    assert "exceeds" in batch.rows[0]["error"]
    assert batch.rows[1]["error"] is None
    with scripted() as generator:
        assert generator.run([long, COUNT], prompt_variant="minimal").usage.n_reused == 2


def test_an_answer_that_takes_too_long_is_a_row_and_the_run_goes_on(scripted: Make) -> None:
    slow = asked("take your time", "cards/slow")
    with scripted(Budgets(max_seconds=0.5)) as generator:
        batch = generator.run([slow, COUNT], prompt_variant="minimal")
        assert batch.rows[0]["error"] == "no answer within 0.5 s; the worker was stopped"
        assert batch.rows[1]["error"] is None
        assert generator.run([slow], prompt_variant="minimal").usage.n_reused == 1


def test_weights_that_do_not_load_end_the_run_with_the_reason(
    journal: Journal, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a GGUF")
    spec = WeightsSpec.model_validate(
        {
            "title": "Broken",
            "backend": "llamacpp",
            "file": "broken.gguf",
            "sources": [{"local": str(broken)}],
        }
    )
    with (
        pytest.raises(BackendError, match=r"broken\.gguf did not load: .*could not load it"),
        Generator("broken", spec, Decoding(threads=1), journal, tmp_path / "cache") as generator,
    ):
        generator.run([COUNT], prompt_variant="minimal")
    assert journal.read() == {}


def test_progress_says_how_far_and_how_fast(
    models: dict[str, WeightsSpec], journal: Journal, tmp_path: Path
) -> None:
    seen = []
    spec = models["script"]
    decoding = Decoding(context=64, threads=1)
    with Generator("script", spec, decoding, journal, tmp_path / "cache", seen.append) as generator:
        generator.run([COUNT, OTHER], prompt_variant="minimal")
    assert [(step.stage, step.subject) for step in seen] == [("generations", "script minimal")] * 3
    assert [(step.done, step.total) for step in seen] == [(0, 2), (1, 2), (2, 2)]
    assert seen[0].note == "loading"
    assert seen[1].note.endswith(" tok/s")


def test_every_part_of_a_generation_is_in_its_id() -> None:
    parts = {
        "prompt_id": "p",
        "weights_sha256": "w",
        "backend": "llamacpp 1",
        "device": "a CPU",
        "decoding": Decoding(threads=1),
        "grammar": None,
        "asked": None,
        "mode": "sequential",
        "batch": None,
        "repeat": 1,
        "finishing": None,
    }
    others = {
        "prompt_id": "q",
        "weights_sha256": "x",
        "backend": "llamacpp 2",
        "device": "a GPU",
        "decoding": Decoding(threads=2),
        "grammar": 'root ::= "result"',
        "asked": Asked("how many?", {}),
        "mode": "batched",
        "batch": "b",
        "repeat": 2,
        "finishing": Finishing({}, static_repair=True),
    }
    ids = {generation_id(**parts)}
    for name, other in others.items():
        ids.add(generation_id(**{**parts, name: other}))
    assert len(ids) == 1 + len(parts)


RUN = """
import sys
from pathlib import Path
from asking import asked
from darkwood_bench.harness import Decoding, Generator, load_models
from darkwood_bench.journal import Journal

models = load_models(Path(sys.argv[1]))
journal = Journal(Path(sys.argv[2]), key="generation_id")
prompts = [asked(f"question {n}", f"cards/{n}") for n in range(12)]
decoding, cache = Decoding(threads=1), Path(sys.argv[3])
with Generator("slow", models["slow"], decoding, journal, cache) as generator:
    batch = generator.run(prompts, prompt_variant="minimal")
print(batch.usage.n_reused, batch.usage.total_s, batch.usage.peak_ram_bytes)
"""


def _slow_registry(folder: Path) -> Path:
    (folder / "slow.yaml").write_text("answers: [{text: result = 1, delay_s: 0.1}]")
    registry = folder / "models.yaml"
    registry.write_text(
        "models: {slow: {title: S, default: true, backend: scripted, file: slow.yaml, "
        "sources: [{local: slow.yaml}]}}"
    )
    return registry


def test_kill_9_in_the_middle_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    registry, path = _slow_registry(tmp_path), tmp_path / "journal.jsonl"
    command = [sys.executable, "-c", RUN, str(registry), str(path), str(tmp_path / "cache")]
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    workers = set()
    for lines in (3, 7):
        run = subprocess.Popen(command, env=environment)
        while not path.exists() or path.read_bytes().count(b"\n") < lines:
            assert run.poll() is None
            time.sleep(0.02)
        workers |= _children(run.pid)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    made = path.read_bytes().count(b"\n")
    assert 7 <= made < 12
    with path.open("a") as journal:
        journal.write('{"generation_id": "torn')  # as a kill in the middle of writing leaves it
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({row["generation_id"] for row in rows}) == len(rows) == 12
    n_reused, total_s, peak_ram = done.stdout.split()
    assert int(n_reused) == made
    assert float(total_s) == pytest.approx(sum(row["wall_s"] for row in rows))
    assert int(peak_ram) == max(row["peak_ram_bytes"] for row in rows)
    assert len(workers) == 2
    assert not any(_alive(worker) for worker in workers)


def _children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def _alive(pid: int) -> bool:
    """Whether a process still runs; one that nobody has waited for yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
