# DESC: every sink and writer of Polars to the host's folders, to URLs and to descriptors
# EXPECT: ok|runtime_error|timeout
import os

places = ["@ROOT@/canary/", "@ROOT@/gold/", "@ROOT@/tables/", "/tmp/", "/var/tmp/", "/dev/shm/", "file://@ROOT@/canary/",
          "http://127.0.0.1:@TCP@/", "s3://bucket/"]
cloud = {"aws_endpoint_url": "http://127.0.0.1:@TCP@", "aws_access_key_id": "a", "aws_secret_access_key": "b",
         "aws_region": "us-east-1", "aws_allow_http": "true", "max_retries": "0"}
lazy = orders.head(5).lazy()
writers = {
    "parquet": lambda p, o: lazy.sink_parquet(p, storage_options=o, mkdir=True),
    "ipc": lambda p, o: lazy.sink_ipc(p, storage_options=o, mkdir=True),
    "csv": lambda p, o: lazy.sink_csv(p, storage_options=o, mkdir=True),
    "ndjson": lambda p, o: lazy.sink_ndjson(p, storage_options=o, mkdir=True),
    "write_parquet": lambda p, o: lazy.collect().write_parquet(p, storage_options=o),
    "pyarrow": lambda p, o: lazy.collect().write_parquet(p, use_pyarrow=True),
    "partitioned": lambda p, o: lazy.sink_parquet(pl.PartitionBy(p, key="name"), mkdir=True),
    "json": lambda p, o: lazy.collect().write_json(p),
    "database": lambda p, o: lazy.collect().write_database("t", f"sqlite:///{p}"),
}
for place in places:
    for name, write in writers.items():
        target = f"{place}sunk.{name}"
        try:
            write(target, cloud if place.startswith("s3") else None)
        except BaseException as error:
            print("deny", target, type(error).__name__)
            continue
        print("BREACH", target)
result = orders.head(1)
