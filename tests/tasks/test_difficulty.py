"""The rule of difficulty: what counts as a step, and what does not."""

from fnmatch import fnmatchcase

import polars as pl
import pytest
from polars.dataframe.group_by import GroupBy

from darkwood_bench.tasks import difficulty
from darkwood_bench.tasks.difficulty import STEPS, steps


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('result = t.select("a", b="c")', ()),
        ("result = t.select(pl.col('a').sum())", ()),
        ("result = t.filter(pl.col('a') > 1).remove(pl.col('b') < 2)", ("filter",)),
        ("result = t.join(u, on='a').join(v, on='b')", ("join", "join")),
        ("result = t.join_asof(u, on='t').join_where(v, pl.col('a') < pl.col('b'))", ("join",) * 2),
        ("result = t.pivot('a', index='b', values='c')", ("reshaping",)),
        ("result = t.group_by_dynamic('t', every='1h').agg(pl.len())", ("group",)),
        ("result = t.select(pl.col('a').rolling_mean(3))", ("window",)),
        ("result = pl.concat([t, u])", ("stacking",)),
        ("result = t.select(pl.col('a') % 2)", ("arithmetic",)),
        # A namespace's own sort, head, unique and replace are conversions, not those of a frame.
        ("result = t.select(pl.col('a').list.sort().list.head(2))", ("conversion",)),
        ("result = t.select(pl.col('a').str.replace('x', 'y'))", ("conversion",)),
        ("result = t.select(pl.col('filter'))", ()),
    ],
)
def test_steps(code: str, expected: tuple[str, ...]) -> None:
    assert steps(code) == expected


def test_from_one_to_five() -> None:
    assert difficulty("result = t") == 1
    everything = "result = a.join(b).join(c).join(d).join(e).join(f).filter(g).sort('x')"
    assert difficulty(everything) == 5


def test_code_that_does_not_parse_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        difficulty("result = (")


@pytest.mark.parametrize("kind", STEPS)
def test_every_name_of_the_rule_is_one_of_polars(kind: str) -> None:
    """A name that Polars does not have could never be seen."""
    known = {name for owner in (pl, pl.DataFrame, pl.Expr, GroupBy) for name in dir(owner)}
    known |= {"arr", "bin", "cat", "dt", "list", "str", "struct"}
    assert [p for p in STEPS[kind] if not any(fnmatchcase(name, p) for name in known)] == []


def test_a_name_shows_one_kind_of_step_only() -> None:
    patterns = [pattern for patterns in STEPS.values() for pattern in patterns]
    assert len(patterns) == len(set(patterns))
