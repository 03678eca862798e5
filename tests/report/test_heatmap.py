"""The figure of coverage: it is an image, shows every count, and can be read."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.report import Heatmap, heatmap_svg
from darkwood_bench.report.heatmap import INK, LIGHT, contrast

READABLE = 3.0
"""WCAG 2.2 asks for it of large text and graphics."""
SVG = "{http://www.w3.org/2000/svg}"

counts = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 99), min_size=width, max_size=width), min_size=1, max_size=5
    )
)


def drawn(table: list[list[int]]) -> ElementTree.Element:
    rows = [f"r{i} <&'\"" for i in range(len(table))]
    columns = [f"c{j}" for j in range(len(table[0]))]
    return ElementTree.fromstring(heatmap_svg(Heatmap("A & B", "s", rows, columns, table)))


def texts(image: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in image.iter(f"{SVG}text")]


@given(counts)
def test_every_count_and_every_sum_is_shown(table: list[list[int]]) -> None:
    numbers = [int(text) for text in texts(drawn(table)) if text.isdigit()]
    sums = [sum(row) for row in table] + [sum(column) for column in zip(*table, strict=True)]
    cells = [count for row in table for count in row]
    assert sorted(numbers) == sorted([*cells, *sums, sum(cells)])


@given(counts)
def test_every_number_contrasts_with_its_cell(table: list[list[int]]) -> None:
    image = list(drawn(table))
    for cell, number in pairwise(image):
        if cell.tag == f"{SVG}rect" and (number.text or "").isdigit():
            assert contrast(cell.attrib["fill"], number.attrib["fill"]) >= READABLE


def test_a_higher_count_is_darker() -> None:
    shades = [e.attrib["fill"] for e in drawn([[0, 1, 5, 9]]).iter(f"{SVG}rect")][1:]
    lightness = [contrast(shade, "#000000") for shade in shades]
    assert lightness == sorted(lightness, reverse=True)
    assert len(set(shades)) == 4


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast(INK, LIGHT) == contrast(LIGHT, INK)


def test_counts_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="counts"):
        heatmap_svg(Heatmap("t", "s", ["a"], ["b", "c"], [[1]]))


def test_the_command_writes_the_figure_of_the_bank(tmp_path: Path) -> None:
    target = tmp_path / "coverage.svg"
    result = CliRunner().invoke(
        app, ["tasks", "coverage", "--svg", str(target)], env={"COLUMNS": "80"}
    )
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= max(80, len(f"wrote {target}"))
    shown = texts(ElementTree.fromstring(target.read_text()))
    assert "zoo" in shown
    assert any(re.match(r"5 test tasks", text) for text in shown)
