"""Which files can be tables, and how a result is cut."""

FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".arrow": "ipc",
    ".ipc": "ipc",
    ".feather": "ipc",
    ".arrows": "ipc_stream",
}
"""What a file holds, by the end of its name."""

MOST_BATCHES = 1000
"""Record batches that a result is sent in. Reading one costs the same, however few its rows are."""
