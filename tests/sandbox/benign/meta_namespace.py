e = (pl.col("a") + pl.col("b")).sum().alias("c")
result = pl.DataFrame({"name": [e.meta.output_name()], "roots": [e.meta.root_names()], "undo": [e.meta.undo_aliases().meta.output_name()], "eq": [e.meta.eq(e)], "agg": [e.meta.has_multiple_outputs()]})
