# NEEDS: scratch
import tempfile
with tempfile.NamedTemporaryFile("w+", suffix=".csv") as file:
    file.write("a,b\n1,2\n")
    file.flush()
    result = pl.read_csv(file.name)
