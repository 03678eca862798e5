from io import BytesIO
plan = sales.lazy().select("id").head(3).serialize()
result = pl.LazyFrame.deserialize(BytesIO(plan)).collect()
