# DESC: lazy scans of URLs, globs, hive folders, devices and /proc, with every reader
# EXPECT: ok|runtime_error
cloud = {"aws_endpoint_url": "http://127.0.0.1:@TCP@", "aws_access_key_id": "a", "aws_secret_access_key": "b",
         "aws_region": "us-east-1", "aws_allow_http": "true", "max_retries": "0"}
sources = ["http://127.0.0.1:@TCP@/gold.{}", "s3://gold/gold.{}", "file://@ROOT@/gold/gold.{}", "@ROOT@/gold/*.{}",
           "@ROOT@/gold/../**/*.{}", "/proc/1/environ", "/proc/self/environ", "/proc/1/cmdline", "/etc/passwd", "/etc/*", "~/*",
           "hf://datasets/gold/gold.{}", "/dev/fd/0", "/proc/self/cwd/../../@ROOT@/gold/gold.{}"]
readers = {
    "parquet": lambda s, o: pl.scan_parquet(s, storage_options=o, glob=True, hive_partitioning=True).collect(),
    "csv": lambda s, o: pl.scan_csv(s, storage_options=o, has_header=False, truncate_ragged_lines=True).collect(),
    "ndjson": lambda s, o: pl.scan_ndjson(s, storage_options=o).collect(),
    "ipc": lambda s, o: pl.scan_ipc(s, storage_options=o).collect(),
    "arrow": lambda s, o: pl.read_ipc(s, memory_map=True),
    "lines": lambda s, o: pl.scan_lines(s).collect(),
    "db": lambda s, o: pl.read_database_uri("select 1", f"sqlite://{s}"),
}
for source in sources:
    for name, read in readers.items():
        try:
            found = read(source.format(name), cloud if source.startswith("s3") else None)
        except BaseException as error:
            print("deny", name, source, type(error).__name__)
            continue
        print("read", name, source, found.rows()[:3])
        if found.height and ("gold" in source or "passwd" in source or "environ" in source):
            print("BREACH", name, source)
result = orders.head(1)
