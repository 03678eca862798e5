"""What each prompt variant changes, paired against one of them."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from darkwood_bench.report.addresses import baseline_page
from darkwood_bench.report.contents import Contents, Effect
from darkwood_bench.report.figures import whisker


def prompts(contents: Contents, baseline: str) -> dict[str, Any]:
    """The page of one baseline."""
    effects = sorted(contents.effects[baseline], key=lambda effect: (effect.group, effect.model))
    found = []
    for (group, model), members in groupby(effects, key=lambda one: (one.group, one.model)):
        rows = sorted(members, key=lambda effect: -_gain(effect))
        reach = max((_reach(effect.score_ratio) for effect in rows), default=2.0)
        found.append(
            {
                "title": model,
                "group": group,
                "right_baseline": rows[0].right_baseline,
                "common": rows[0].common,
                "rows": [_effect_row(effect, reach) for effect in rows],
            }
        )
    return {
        "baseline": baseline,
        "baselines": [
            {"name": name, "page": baseline_page(name)} for name in sorted(contents.effects)
        ],
        "models": found,
    }


def _gain(effect: Effect) -> float:
    return (effect.right - effect.right_baseline) / effect.common if effect.common else 0.0


def _reach(ratio: Iterable[float | None]) -> float:
    """How many times up or down from 1 a ratio's interval goes, at most a hundred."""
    known = [value for value in ratio if value is not None and 0 < value < float("inf")]
    return min(100.0, max((max(value, 1 / value) for value in known), default=2.0) * 1.05)


def _effect_row(effect: Effect, reach: float) -> dict[str, Any]:
    value, low, high = effect.score_ratio
    line = ""
    if value and low is not None and high is not None:
        name = "worse" if high < 1 else "better" if low > 1 else ""
        line = whisker(
            value, low, high, 1 / reach, reach, reference=1.0, logarithmic=True, name=name
        )
    return {
        "variant": effect.variant,
        "model": effect.model,
        "right": effect.right,
        "common": effect.common,
        "gained": effect.gained,
        "lost": effect.lost,
        "p_value": effect.p_value,
        "difference": _gain(effect),
        "time_ratio": effect.time_ratio,
        "score_ratio": effect.score_ratio,
        "whisker": line,
    }
