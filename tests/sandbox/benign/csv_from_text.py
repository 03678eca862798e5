from io import StringIO
result = pl.read_csv(StringIO("a,b\n1,x\n2,\n"), schema_overrides={"a": pl.Int16}, null_values=[""])
