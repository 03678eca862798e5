# NEEDS: scratch
from pathlib import Path
path = Path("notes") / "a.txt"
path.parent.mkdir()
path.write_text("one\ntwo\n", encoding="utf-8")
with path.open("a") as file:
    file.write("three\n")
path.rename("notes/b.txt")
result = pl.DataFrame({"line": Path("notes/b.txt").read_text().splitlines()})
