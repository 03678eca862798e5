"""Dtypes and descriptions that several tables' columns have."""

import polars as pl

STR = pl.String()
INT = pl.Int64()
FLOAT = pl.Float64()
BOOL = pl.Boolean()
NAMES = pl.List(pl.String())
TIME = pl.Datetime("us", "UTC")

MESSAGES = pl.List(pl.Struct({"role": pl.String(), "content": pl.String()}))
DECODING = pl.Struct(
    {
        "temperature": pl.Float64(),
        "max_tokens": pl.Int64(),
        "seed": pl.Int64(),
        "context": pl.Int64(),
        "threads": pl.Int64(),
        "stop": pl.List(pl.String()),
    }
)

ENDPOINTS = pl.List(
    pl.Struct(
        {
            "endpoint": pl.String(),
            "answers": pl.Int64(),
            "failed_tries": pl.Int64(),
            "completion_tokens": pl.Int64(),
            "wall_s": pl.Float64(),
        }
    )
)

OTHER_LOAD = (
    "share of the cores that other processes had over T: 0 on a quiet machine; null if the model "
    "answered elsewhere"
)
