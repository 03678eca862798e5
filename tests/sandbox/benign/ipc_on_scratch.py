# NEEDS: scratch
sales.write_ipc("m.arrow")
result = pl.read_ipc("m.arrow").select(pl.col("qty").sum())
