result = sales.select("id", "place").unnest("place").group_by("city").agg(pl.col("zip").max()).sort("city")
