x = pl.DataFrame({"t": readings["at"].dt.replace_time_zone(None).gather([0, 5, 9]), "v": [1, 2, 3]}).sort("t").set_sorted("t")
result = x.upsample("t", every="1h").with_columns(pl.col("v").forward_fill())
