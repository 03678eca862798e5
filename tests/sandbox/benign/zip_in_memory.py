import io, zipfile, gzip
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.csv", "a\n1\n2\n")
result = pl.read_csv(zipfile.ZipFile(buffer).read("a.csv")).with_columns(n=pl.lit(len(gzip.decompress(gzip.compress(b"x" * 100)))))
