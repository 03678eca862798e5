"""Runs programs in a plain Python process, without the project, and says what each made.

Its argument is a file of JSON: the tables' files by name, and the programs by name. What it writes
to the second argument is a pickle: for each name an exception's text, or frame and output.
"""

import io
import json
import os
import pickle
import sys
import tempfile
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import polars as pl


def main() -> None:
    wanted = json.loads(Path(sys.argv[1]).read_text())
    results = {}
    for name, code in wanted["programs"].items():
        read, write = os.pipe()
        process = os.fork()  # each finds Polars as it was imported, and changes it for itself
        if process == 0:
            os.close(read)
            outcome = _outcome(name, code, wanted["tables"])
            with os.fdopen(write, "wb") as file:
                pickle.dump(outcome, file)
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as file:
            results[name] = pickle.load(file)
        os.waitpid(process, 0)
    Path(sys.argv[2]).write_bytes(pickle.dumps(results))


def _outcome(name: str, code: str, paths: dict[str, str]) -> str | tuple[pl.DataFrame, str]:
    tables = {table: pl.read_parquet(path) for table, path in paths.items()}
    scope: dict[str, Any] = {"__name__": "__main__", "pl": pl, **tables}
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        warnings.simplefilter("ignore")
        try:
            with redirect_stdout(out), redirect_stderr(err):
                exec(compile(code, name, "exec"), scope)
            return _frame(scope["result"]), out.getvalue()
        except Exception as error:
            return f"{type(error).__name__}: {error}"


def _frame(value: Any) -> pl.DataFrame:
    if isinstance(value, pl.LazyFrame):
        value = value.collect()
    if isinstance(value, pl.Series):
        value = value.to_frame(value.name or "result")
    return value if isinstance(value, pl.DataFrame) else pl.DataFrame({"result": [value]})


if __name__ == "__main__":
    main()
