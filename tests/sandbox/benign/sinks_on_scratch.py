# NEEDS: scratch
f = sales.lazy().select("id", "qty")
f.sink_parquet("a.parquet")
f.sink_csv("a.csv")
f.sink_ipc("a.arrow")
f.sink_ndjson("a.ndjson")
result = pl.concat([pl.scan_parquet("a.parquet"), pl.scan_ipc("a.arrow"), pl.scan_csv("a.csv", schema_overrides={"qty": pl.Int32}), pl.scan_ndjson("a.ndjson", schema_overrides={"qty": pl.Int32})]).group_by("id").agg(pl.len()).sort("id").collect()
