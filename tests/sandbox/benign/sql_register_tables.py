c = pl.SQLContext()
c.register("t", sales.select("id", "qty"))
result = pl.DataFrame({"tables": c.tables()}).with_columns(n=c.execute("SELECT COUNT(*) AS n FROM t", eager=True).item())
