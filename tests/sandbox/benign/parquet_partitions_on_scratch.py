# NEEDS: scratch
import os
os.mkdir("parts")
for (size,), part in sales.group_by("size", maintain_order=True):
    part.write_parquet(f"parts/{size}.parquet")
result = pl.scan_parquet("parts/*.parquet").group_by("size").agg(pl.len()).sort("size").collect()
