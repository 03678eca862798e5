from pathlib import Path, PurePosixPath
p = PurePosixPath("/a/b/c.tar.gz")
result = pl.DataFrame({"name": [p.name], "suffixes": [p.suffixes], "parent": [str(p.parent)], "here": [Path.cwd().is_dir()]})
