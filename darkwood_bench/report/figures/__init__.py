"""Small SVG figures: drawn by plain functions, coloured by classes so that a theme reaches them."""

from darkwood_bench.report.figures.bars import Segment, stacked_bar
from darkwood_bench.report.figures.scatter import Point, front, scatter
from darkwood_bench.report.figures.timeline import Moment, sparkline, timeline
from darkwood_bench.report.figures.whisker import whisker

__all__ = [
    "Moment",
    "Point",
    "Segment",
    "front",
    "scatter",
    "sparkline",
    "stacked_bar",
    "timeline",
    "whisker",
]
"""Every text that goes into a figure is escaped by `markupsafe`."""
