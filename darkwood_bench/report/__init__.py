"""What people look at: figures that a browser shows without help."""

from darkwood_bench.report.heatmap import Heatmap, heatmap_svg

__all__ = ["Heatmap", "heatmap_svg"]
