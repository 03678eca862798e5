import csv, html, io
rows = list(csv.DictReader(io.StringIO("a,b\n1,\"x, y\"\n")))
result = pl.DataFrame(rows).with_columns(h=pl.lit(html.escape("<a>")))
