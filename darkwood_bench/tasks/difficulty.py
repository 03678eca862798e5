"""How hard a task is, 1 to 5: the kinds of step in its gold code, counted.

The rule of datasets/README.md, applied to every suite that is loaded.
"""

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

HARDEST = 5
NAMESPACES = ("arr", "bin", "cat", "dt", "list", "str", "struct")
"""Expressions' namespaces: a method called on one (`.list.sort()`) is a conversion and no more."""

STEPS: Mapping[str, tuple[str, ...]] = {
    "filter": ("filter", "remove", "having"),
    "order": (
        *("sort", "sort_by", "reverse", "unique", "head", "tail", "limit", "slice"),
        *("top_k*", "bottom_k*", "is_*_distinct"),
    ),
    "group": ("group_by", "group_by_dynamic", "partition_by", "value_counts"),
    "join": ("join", "join_asof", "join_where", "update"),
    "stacking": ("concat", "union", "vstack", "hstack", "merge_sorted"),
    "window": ("over", "shift", "diff", "pct_change", "rank", "rle*", "rolling*", "cum_*", "ewm_*"),
    "reshaping": (
        *("pivot", "unpivot", "explode", "implode", "transpose", "unnest", "unstack"),
        *("to_dummies", "upsample"),
    ),
    "conversion": ("cast", "concat_str", "concat_list", *NAMESPACES),
    "missing values": (
        *("fill_null", "fill_nan", "*ward_fill", "interpolate*", "coalesce"),
        *("is_null", "is_not_null", "is_nan", "is_not_nan", "drop_nulls", "drop_nans"),
        *("null_count", "has_nulls"),
    ),
    "case": ("when", "format", "replace", "replace_strict", "cut", "qcut"),
}
"""Kind of step -> the names in the code that show it (* stands for any letters).

The last kind, arithmetic, is seen in operators instead.
"""

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


def difficulty(gold_code: str) -> int:
    """1 (one step or none) to 5 (five or more): see `steps`. Raises SyntaxError."""
    return min(HARDEST, max(1, len(steps(gold_code))))


def steps(gold_code: str) -> tuple[str, ...]:
    """The kinds of step in Polars code, each once, and 'join' again for every join after the first.

    Raises SyntaxError for code that is not Python.
    """
    tree = ast.parse(gold_code)
    kinds = [kind for name in _names(tree) if (kind := _kind(name))]
    again = ["join"] * (kinds.count("join") - 1)
    if any(
        isinstance(node, ast.BinOp) and isinstance(node.op, OPERATORS) for node in ast.walk(tree)
    ):
        kinds.append("arithmetic")
    return (*dict.fromkeys(kinds), *again)


def _kind(name: str) -> str | None:
    for kind, patterns in STEPS.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return kind
    return None


def _names(tree: ast.AST) -> Iterator[str]:
    """Every attribute in the code, a namespace standing for the methods that are called on it."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Attribute(attr=namespace)) if namespace in NAMESPACES:
                pass
            case ast.Attribute(attr=name):
                yield name
