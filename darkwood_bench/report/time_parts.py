"""What T is made of: reading prompts, writing answers, retries, and the checks on code."""

import polars as pl

from darkwood_bench.report.contents import TimeParts


def time_parts(generations: pl.DataFrame) -> TimeParts | None:
    """The parts of a partition's T from its rows of `generations`; they add up to the sum of t_s.

    An attempt's parts are measured in its first repeat and scaled to its mean over the repeats.
    None in batched mode: there requests share their time. Rows from before `finish_s` was kept have
    their checks in writing.
    """
    if generations.is_empty() or generations["mode"][0] == "batched":
        return None
    wall, first = pl.col("wall_s"), pl.col("ttft_s")
    checks = _checks(generations)
    answered, again = pl.col("error").is_null(), pl.col("attempt") > 1
    read = answered & ~again & first.is_not_null()
    rest = pl.max_horizontal(wall - checks, pl.lit(0.0))
    reading = pl.min_horizontal(first, rest)
    parts = generations.select(
        scale=pl.when(wall > 0).then(pl.col("t_s") / wall).otherwise(0.0),
        reading=pl.when(read).then(reading).otherwise(0.0),
        writing=pl.when(read).then(rest - reading).otherwise(0.0),
        undivided=pl.when(answered & ~again & first.is_null()).then(rest).otherwise(0.0),
        retries=pl.when(answered & again).then(rest).otherwise(0.0),
        checks=pl.when(answered).then(wall - rest).otherwise(0.0),
        failed=pl.when(~answered).then(wall).otherwise(0.0),
    )
    sums = parts.select((pl.exclude("scale") * pl.col("scale")).sum())
    return TimeParts(**sums.row(0, named=True))


def writing_pace(generations: pl.DataFrame) -> float | None:
    """Tokens a second between an answer's first token and its last, over all first attempts.

    None in batched mode, and where the engine tells neither tokens nor when the first one came.
    """
    checks = _checks(generations)
    written = generations.filter(
        pl.col("attempt") == 1, pl.col("error").is_null(), pl.col("mode") != "batched"
    ).select(
        seconds=(pl.col("wall_s") - checks - pl.col("ttft_s")).clip(lower_bound=0.0),
        tokens=pl.col("completion_tokens"),
    )
    known = written.drop_nulls()
    seconds, tokens = (float(known[column].sum()) for column in ("seconds", "tokens"))
    return tokens / seconds if seconds > 0 else None


def _checks(generations: pl.DataFrame) -> pl.Expr:
    """Seconds of an attempt that went into static repair and dry runs; 0 where none were kept."""
    return pl.col("finish_s").fill_null(0.0) if "finish_s" in generations.columns else pl.lit(0.0)
