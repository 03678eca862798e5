import pyarrow as pa
table = pa.table({"a": [1, None], "b": ["x", "y"], "c": pa.array([[1], None])})
result = pl.from_arrow(table)
