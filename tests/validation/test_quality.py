import pytest

from darkwood_bench.tables import QUALITY_FLAGS
from darkwood_bench.validation import quality_flags


@pytest.mark.parametrize(
    ("code", "flag"),
    [
        ("result = t.with_columns(pl.col('a').map_elements(len))", "python_fallback"),
        ("for row in t.iter_rows(named=True): pass", "python_fallback"),
        ("x = [r['a'] for r in t.to_dicts()]", "python_fallback"),
        ("for i in range(t.height): pass", "python_fallback"),
        ("x = [t[i, 0] for i in range(len(t))]", "python_fallback"),
        ("result = t.to_pandas()", "python_fallback"),
        ("result = t.select(pl.col('a').qcut(4))", "deprecated_api"),
        ("result = t.lazy().filter(x).collect().select('a')", "needless_collect"),
        ("result = a.join(b, how='cross').filter(pl.col('k') == pl.col('j'))", "cross_join_filter"),
        ("f = t.lazy().filter(x).collect()\ng = f\nresult = g.select('a')", "needless_collect"),
        ("pairs = a.join(b, how='cross')\nresult = pairs.filter(x == y)", "cross_join_filter"),
    ],
)
def test_misuse_is_flagged(code: str, flag: str) -> None:
    assert quality_flags(code) == (flag,)
    assert flag in QUALITY_FLAGS


@pytest.mark.parametrize(
    "code",
    [
        "result = t.filter(pl.col('a') > 1).group_by('b').agg(pl.len())",
        "result = t.lazy().filter(pl.col('a') > 1).select('b').collect()",
        "result = a.join(b, how='cross')",
        "result = a.join(b, on='k', how='left').filter(pl.col('c').is_null())",
        "for name in ['a', 'b']: t = t.with_columns(pl.col(name) * 2)",
        "result = t.filter(pl.col('a').is_in(u['a'].to_list()))",
        "result = t.select(pl.col('a').str.to_lowercase(), pl.col('d').dt.year())",
        "result = pl.DataFrame({'n': [i for i in range(3)]})",
        "names = ['a', 'b']\nfor i in range(len(names)): t = t.with_columns(pl.col(names[i]) + i)",
        "names = t.columns\nresult = t.select(names[i] for i in range(len(names)))",
        "f = t.lazy().collect()\nf = u\nresult = f.select('a')",
        "if x:\n    f = t.lazy().collect()\nresult = f.select('a')",
        "def last(f):\n    return f.select('a')\nf = t.lazy().collect()\nresult = f",
        "f = f.filter(x)\nresult = f.select('a')",
        "result = (",
        pytest.param("result = " + "-" * 100_000 + "1", id="nested too deeply"),
    ],
)
def test_good_code_is_left_alone(code: str) -> None:
    assert quality_flags(code) == ()
