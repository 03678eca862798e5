f = sales.lazy().select("id", pl.col("qty") * 1.5)
result = pl.DataFrame({"names": f.collect_schema().names(), "types": [str(t) for t in f.collect_schema().dtypes()]})
