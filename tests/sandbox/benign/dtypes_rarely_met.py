from datetime import time, timedelta
from decimal import Decimal
colors = pl.Categories("colors", "paint", physical=pl.UInt8)
result = pl.DataFrame(
    {
        "named": pl.Series(["red", None, "blue"], dtype=pl.Categorical(colors)),
        "in_list": pl.Series([["red"], [], None], dtype=pl.List(pl.Categorical(colors))),
        "in_array": pl.Series([["a", None], None, ["b", "a"]], dtype=pl.Array(pl.Enum(["a", "b"]), 2)),
        "in_struct": pl.Series([{"c": "a", "n": None}, None, {"c": None, "n": None}], dtype=pl.Struct({"c": pl.Categorical, "n": pl.Null})),
        "in_map": pl.Series([{"a": {"b": "red"}}, None, {}], dtype=pl.Map(pl.String, pl.Struct({"b": pl.Categorical}))),
        "decimals": pl.Series([[Decimal("1.5")], None, []], dtype=pl.List(pl.Decimal(10, 1))),
        "times": pl.Series([[time(1)], [None], []]),
        "spans": pl.Series([{"d": timedelta(1)}, None, {"d": None}]),
        "nulls": pl.Series([[None], [], None], dtype=pl.List(pl.Null)),
        "empty_text": ["", None, ""],
        "maps_by_number": pl.Series([{1: [True]}, {}, None], dtype=pl.Map(pl.Int32, pl.List(pl.Boolean))),
        "binary_map": pl.Series([{b"k": b"v" * 40}, {}, None], dtype=pl.Map(pl.Binary, pl.Binary)),
    }
)
