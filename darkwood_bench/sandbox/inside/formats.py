"""Which files can be tables."""

FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".arrow": "ipc",
    ".ipc": "ipc",
    ".feather": "ipc",
    ".arrows": "ipc_stream",
}
"""What a file holds, by the end of its name."""
