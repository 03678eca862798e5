x = pl.DataFrame({"a": [[1, 2, 3], [4]], "b": [[2, 3, 9], [5]]})
result = x.select(*[getattr(pl.col("a").list, f"set_{how}")("b").list.sort().alias(how) for how in ("union", "intersection", "difference", "symmetric_difference")], both=pl.concat_list("a", "b"))
