# NEEDS: scratch
import tempfile
from pathlib import Path
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.csv"
    sales.select("id", "shop").write_csv(path)
    result = pl.read_csv(path).tail(2)
