"""The pages of a task, and of a model's answers to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from darkwood_bench.report.cells import MESSAGE, allowance, cut, visible
from darkwood_bench.report.contents import Answer, Row, Task


def task_context(task: Task) -> dict[str, Any]:
    """The values of a task's page."""
    found = next((answer.difference for answer in task.answers if answer.difference), None)
    return {
        "task": task.row,
        "gold": found and _gold(found),
        "answers": [_line(answer) for answer in task.answers],
        "right": sum(answer.verdict["correct"] for answer in task.answers),
    }


def _gold(difference: Row) -> dict[str, Any]:
    return {
        "columns": difference["gold_columns"][: len((difference["gold_head"] or [[]])[0]) or None],
        "more_columns": max(
            0,
            len(difference["gold_columns"]) - len(difference["gold_head"][0])
            if difference["gold_head"]
            else 0,
        ),
        "rows": difference["gold_head"],
        "height": difference["gold_rows"],
    }


def _line(answer: Answer) -> dict[str, Any]:
    verdict = answer.verdict
    return {
        "model": answer.model,
        "variant": answer.variant,
        "level": verdict["level"],
        "correct": verdict["correct"],
        "failure_class": verdict["failure_class"],
        "why": verdict["failure_detail"] or verdict["mismatch"] or "",
        "seconds": sum(attempt["t_s"] for attempt in answer.attempts),
        "attempts": len(answer.attempts),
    }


def answers_inputs(task: Task, model: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """What a page of answers depends on, as plain values."""
    return {
        "task": task.row,
        "model": model,
        "answers": [
            {
                "variant": answer.variant,
                "messages": answer.messages,
                "attempts": answer.attempts,
                "verdict": answer.verdict,
                "execution": answer.execution,
                "difference": answer.difference,
            }
            for answer in answers
        ],
    }


def answers_context(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the page, every text cut to what the page bears."""
    length = allowance(sum(len(answer["attempts"]) for answer in inputs["answers"]))
    return {
        "task": inputs["task"],
        "model": inputs["model"],
        "answers": [_shown(answer, length) for answer in inputs["answers"]],
    }


def _shown(answer: Mapping[str, Any], length: int) -> dict[str, Any]:
    attempts = [_attempt(row, length) for row in answer["attempts"]]
    return {
        "variant": answer["variant"],
        "messages": [
            {"role": message["role"], **_text(message["content"], min(MESSAGE, 2 * length))}
            for message in answer["messages"]
        ],
        "last": attempts[-1],
        "earlier": attempts[:-1],
        "verdict": answer["verdict"],
        "why": _why(answer["verdict"], answer["execution"]),
        "execution": answer["execution"],
        "beside": _beside(answer["difference"], answer["verdict"]),
        "kept": answer["difference"] is not None,
        "seconds": sum(row["t_s"] for row in answer["attempts"]),
    }


def _attempt(row: Row, length: int) -> dict[str, Any]:
    names = ("generation_id", "prompt_id", "attempt", "rewrites", "problem", "feedback")
    names += ("prompt_tokens", "cached_tokens", "completion_tokens", "ttft_s", "wall_s")
    names += ("finish_reason", "error")
    raw, code = row["raw_text"], row["code"]
    return {
        **{name: row[name] for name in names},
        "raw": _text(raw, length),
        "code": None if code is None else _text(code, length),
        # Code alone, without a word around it, needs not be shown twice.
        "raw_is_code": code is not None and raw.strip() == code.strip(),
    }


def _text(text: str, length: int) -> dict[str, Any]:
    shown, left_out = cut(text, length)
    return {"text": shown, "left_out": left_out}


def _why(verdict: Row, execution: Row | None) -> list[str]:
    """What there is to say of a wrong answer, in lines; its error is said with the execution."""
    if verdict["correct"]:
        return []
    error = execution["error_message"] if execution else None
    details = (verdict["failure_detail"], verdict["mismatch"])
    lines = [line for line in details if line and line not in (error or "")]
    if verdict["correct_ignoring_names"]:
        lines.append("It is right but for the names of its columns.")
    if len(verdict["caught_by"]) > 1:
        lines.append(f"Also caught by: {', '.join(verdict['caught_by'][1:])}.")
    return [visible(line) for line in lines]


def _beside(difference: Row | None, verdict: Row) -> dict[str, Any] | None:
    """The result beside gold, as the table shows it; None where there is nothing to show."""
    if difference is None or not difference["pairs"]:
        return None
    columns = difference["columns"]
    return {
        "data_variant": difference["data_variant"],
        "expected_rows": difference["expected_rows"],
        "got_rows": difference["got_rows"],
        "columns": columns,
        "more_columns": difference["more_columns"],
        "pairs": [_pair(pair, columns) for pair in difference["pairs"]],
        "more_expected": difference["more_expected"],
        "more_got": difference["more_got"],
        "order": verdict["failure_class"] == "wrong_order",
    }


def _pair(pair: Row, columns: Sequence[Row]) -> dict[str, Any]:
    alone = not pair["differs"]
    marks = pair["differs"] or [False] * len(columns)
    return {
        "expected_row": pair["expected_row"],
        "got_row": pair["got_row"],
        "alone": alone,
        "expected": _cells(pair["expected"], marks, columns, "expected"),
        "got": _cells(pair["got"], marks, columns, "got"),
    }


def _cells(
    texts: Sequence[str | None], marks: Sequence[bool], columns: Sequence[Row], side: str
) -> list[dict[str, Any]]:
    return (
        [
            {
                "text": None if text is None else visible(text),
                "differs": differs,
                "absent": column[side] is None,
            }
            for text, differs, column in zip(texts, marks, columns, strict=True)
        ]
        if texts
        else []
    )
