"""Names that Polars does not have, and what a model that writes them had in mind."""

from difflib import get_close_matches

PANDAS = {
    "assign": "with_columns",
    "astype": "cast",
    "cumcount": "cum_count",
    "cummax": "cum_max",
    "cummin": "cum_min",
    "cumprod": "cum_prod",
    "cumsum": "cum_sum",
    "day_name": "dt.to_string('%A')",
    "dayofweek": "dt.weekday",
    "drop_duplicates": "unique",
    "dropna": "drop_nulls",
    "duplicated": "is_duplicated",
    "endswith": "str.ends_with",
    "ffill": "forward_fill",
    "bfill": "backward_fill",
    "fillna": "fill_null",
    "groupby": "group_by",
    "idxmax": "arg_max",
    "idxmin": "arg_min",
    "iloc": "row or slice",
    "isin": "is_in",
    "isna": "is_null",
    "isnull": "is_null",
    "iterrows": "an expression",
    "loc": "filter",
    "merge": "join",
    "nlargest": "top_k",
    "notna": "is_not_null",
    "notnull": "is_not_null",
    "nsmallest": "bottom_k",
    "nunique": "n_unique",
    "order": "sort",
    "pivot_table": "pivot",
    "query": "filter",
    "reset_index": "nothing: Polars has no index",
    "rstrip": "str.strip_chars_end",
    "lstrip": "str.strip_chars_start",
    "set_index": "nothing: Polars has no index",
    "size": "len",
    "sort_index": "sort",
    "sort_values": "sort",
    "startswith": "str.starts_with",
    "strip": "str.strip_chars",
    "to_datetime": "str.to_datetime",
    "to_frame": "select",
    "tolist": "to_list",
    "values": "to_numpy",
}
OLD_POLARS = {
    "apply": "map_elements",
    "arr": "list",
    "clip_max": "clip",
    "clip_min": "clip",
    "dense": "rank(method='dense')",
    "groupby_dynamic": "group_by_dynamic",
    "groupby_rolling": "rolling",
    "is_first": "is_first_distinct",
    "is_not": "not_",
    "json_extract": "str.json_decode",
    "keep_name": "name.keep",
    "lengths": "str.len_chars or list.len",
    "map": "map_batches",
    "map_alias": "name.map",
    "melt": "unpivot",
    "n_chars": "str.len_chars",
    "suffix": "name.suffix",
    "prefix": "name.prefix",
    "take": "gather",
    "take_every": "gather_every",
    "with_column": "with_columns",
    "with_row_count": "with_row_index",
}
SQL = {
    "count_distinct": "n_unique",
    "distinct": "unique",
    "having": "filter",
    "lower": "str.to_lowercase",
    "order_by": "sort",
    "orderby": "sort",
    "upper": "str.to_uppercase",
    "where": "filter",
}
SPARK = {"groupBy": "group_by", "orderBy": "sort", "withColumn": "with_columns"}
SOURCES = {"pandas": PANDAS, "old Polars": OLD_POLARS, "SQL": SQL, "PySpark": SPARK}


def mimicked(name: str) -> str | None:
    """Where a name is from and what Polars calls it: 'groupby (pandas; Polars: group_by)'.

    None for a name of none of these libraries.
    """
    for library, names in SOURCES.items():
        if name in names:
            return f"{name} ({library}; Polars: {names[name]})"
    return None


def explain_attribute(name: str, owner: str) -> str:
    """What is known of an attribute that an object of class `owner` does not have."""
    return mimicked(name) or _close(name, owner)


def _close(name: str, owner: str) -> str:
    """The name with the nearest ones that the class, or the module polars, does have."""
    import polars as pl

    holder = pl if owner == "polars" else getattr(pl, owner, None)
    close = get_close_matches(name, [n for n in dir(holder) if n[0] != "_"]) if holder else []
    return f"{name} (close: {', '.join(close)})" if close else name
