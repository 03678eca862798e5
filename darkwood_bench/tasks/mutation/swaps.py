"""What is dropped from Polars code, and what is put in place of what, to make a mutant."""

import ast
from collections.abc import Mapping
from typing import Any

EXPRESSION_NAMESPACES = frozenset({"str", "dt", "list", "arr", "cat", "struct", "bin"})

DROPPED_METHODS = frozenset(
    {
        *("filter", "remove", "sort", "unique", "head", "limit", "tail", "drop_nulls", "drop_nans"),
        *("fill_null", "fill_nan", "over", "abs", "reverse", "shift", "cast", "round"),
        *("to_lowercase", "to_uppercase", "to_titlecase", "strip_chars", "strip_chars_start"),
        *("strip_chars_end", "strip_prefix", "strip_suffix", "replace", "replace_all", "normalize"),
        *(
            "forward_fill",
            "backward_fill",
            "clip",
            "convert_time_zone",
            "head",
            "slice",
            "set_sorted",
        ),
        *("having", "sort_by", "not_", "interpolate", "cum_sum"),
    }
)
"""Methods that are left out, with their arguments, so that what they were called on remains."""

METHOD_SWAPS: Mapping[str, tuple[str, ...]] = {
    "sum": ("mean", "max"),
    "mean": ("sum", "median"),
    "median": ("mean",),
    "min": ("max",),
    "max": ("min",),
    "first": ("last",),
    "last": ("first",),
    "n_unique": ("len", "count"),
    "count": ("len", "n_unique"),
    "std": ("var",),
    "var": ("std",),
    "any": ("all",),
    "all": ("any",),
    "cum_sum": ("cum_max", "cum_count"),
    "cum_count": ("cum_sum",),
    "cum_max": ("cum_min",),
    "cum_min": ("cum_max",),
    "is_null": ("is_not_null",),
    "is_not_null": ("is_null",),
    "is_nan": ("is_not_nan",),
    "is_not_nan": ("is_nan",),
    "is_unique": ("is_duplicated", "is_first_distinct"),
    "is_duplicated": ("is_unique",),
    "is_first_distinct": ("is_last_distinct",),
    "is_last_distinct": ("is_first_distinct",),
    "head": ("tail",),
    "tail": ("head",),
    "starts_with": ("ends_with", "contains"),
    "ends_with": ("starts_with", "contains"),
    "contains": ("starts_with",),
    "top_k": ("bottom_k",),
    "top_k_by": ("bottom_k_by",),
    "bottom_k": ("top_k",),
    "bottom_k_by": ("top_k_by",),
    "forward_fill": ("backward_fill",),
    "backward_fill": ("forward_fill",),
    "arg_max": ("arg_min",),
    "arg_min": ("arg_max",),
    "month_start": ("month_end",),
    "month_end": ("month_start",),
    "weekday": ("day",),
    "month": ("day",),
    "quarter": ("month",),
    "hour": ("minute",),
    "total_hours": ("total_minutes",),
    "total_days": ("total_hours",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "sum_horizontal": ("max_horizontal",),
    "max_horizontal": ("min_horizontal",),
    "min_horizontal": ("max_horizontal",),
    "all_horizontal": ("any_horizontal",),
    "any_horizontal": ("all_horizontal",),
    "to_lowercase": ("to_uppercase",),
    "to_uppercase": ("to_lowercase",),
    "strip_chars": ("strip_chars_start", "strip_chars_end"),
    "len_chars": ("len_bytes",),
    "rolling_mean": ("rolling_sum",),
    "rolling_sum": ("rolling_mean",),
    "rolling_max": ("rolling_min",),
    "rolling_min": ("rolling_max",),
    "set_union": ("set_intersection",),
    "set_intersection": ("set_union",),
    "set_difference": ("set_intersection",),
}
"""Method -> methods that take the same arguments and mean something else."""

OPERATOR_SWAPS: Mapping[type[ast.AST], tuple[str, ...]] = {
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.BitAnd: ("|",),
    ast.BitOr: ("&",),
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("/",),
    ast.Div: ("*",),
    ast.FloorDiv: ("/",),
    ast.Mod: ("//",),
}

_FLIP: Mapping[Any, tuple[str, ...]] = {True: ("False",), False: ("True",)}
_FLIP_OR_ADD: Mapping[Any, tuple[str, ...]] = {**_FLIP, None: ("True",)}
_CLOSED: Mapping[Any, tuple[str, ...]] = {
    "both": ('"left"', '"right"'),
    "left": ('"both"', '"right"'),
    "right": ('"both"', '"left"'),
    "none": ('"both"',),
}

KEYWORD_SWAPS: Mapping[tuple[str, str], Mapping[Any, tuple[str, ...]]] = {
    ("join", "how"): {
        None: ('"left"',),
        "inner": ('"left"',),
        "left": ('"inner"',),
        "right": ('"inner"',),
        "full": ('"left"', '"inner"'),
        "semi": ('"anti"',),
        "anti": ('"semi"',),
    },
    ("join", "nulls_equal"): _FLIP_OR_ADD,
    ("join_asof", "strategy"): {
        None: ('"forward"',),
        "backward": ('"forward"',),
        "forward": ('"backward"',),
        "nearest": ('"backward"',),
    },
    ("sort", "descending"): _FLIP_OR_ADD,
    ("sort", "nulls_last"): _FLIP_OR_ADD,
    ("sort_by", "descending"): _FLIP_OR_ADD,
    ("sort_by", "nulls_last"): _FLIP_OR_ADD,
    ("over", "descending"): _FLIP,
    ("rank", "descending"): _FLIP_OR_ADD,
    ("rank", "method"): {
        "dense": ('"min"', '"ordinal"'),
        "min": ('"dense"', '"ordinal"', '"max"'),
        "max": ('"min"',),
        "ordinal": ('"dense"', '"min"'),
        "average": ('"min"',),
    },
    ("is_between", "closed"): {**_CLOSED, None: ('"left"', '"right"')},
    ("group_by_dynamic", "closed"): _CLOSED,
    ("group_by_dynamic", "label"): {"left": ('"right"',), "right": ('"left"',)},
    ("rolling", "closed"): _CLOSED,
    ("unique", "keep"): {
        None: ('"none"',),
        "first": ('"last"',),
        "last": ('"first"',),
        "any": ('"none"',),
        "none": ('"any"',),
    },
    ("concat", "how"): {"diagonal": ('"vertical"',)},
    ("cum_sum", "reverse"): _FLIP,
    ("fill_null", "strategy"): {"forward": ('"backward"',), "backward": ('"forward"',)},
}
"""(method, keyword) -> value -> other values; None: the keyword is not given, and is added."""
