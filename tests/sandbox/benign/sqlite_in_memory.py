import sqlite3
db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE t (id INTEGER, qty INTEGER)")
db.executemany("INSERT INTO t VALUES (?, ?)", sales.select("id", "qty").head(20).rows())
result = pl.DataFrame(db.execute("SELECT qty, COUNT(*) FROM t GROUP BY qty ORDER BY qty").fetchall(), schema=["qty", "n"], orient="row")
