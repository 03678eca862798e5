"""A user's own tables: a folder of Parquet and CSV files, one table a file, named as the file."""

import keyword
import shutil
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from darkwood_bench.identity import content_hash, file_hash
from darkwood_bench.tasks.errors import DatabaseError

FORMATS = (".parquet", ".csv")
TAKEN = ("pl", "result")
"""Names that every program finds, or assigns, besides its tables."""


class Parameters(BaseModel):
    """Where the files are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    """A folder, relative to the suite's own (or absolute)."""


def table_names(parameters: Parameters, folder: Path) -> tuple[str, ...]:
    """The files' names without their endings, sorted.

    Raises ValueError for a folder that holds no table, two files of one name, or a name that
    cannot be a Python variable (the code finds each table as one).
    """
    return tuple(_sources(parameters, folder))


def version(parameters: Parameters, folder: Path) -> str:
    """Hash of the files' bytes: an edited file is a new database."""
    sources = _sources(parameters, folder)
    return content_hash({name: file_hash(path) for name, path in sources.items()})


def write(parameters: Parameters, folder: Path, into: Path) -> None:
    """Copy Parquet files and convert CSV files. Raises DatabaseError for one that cannot be read.

    They are copied so that an edit during a run does not change what the run reads.
    """
    for name, source in _sources(parameters, folder).items():
        target = into / f"{name}.parquet"
        if source.suffix == ".parquet":
            shutil.copyfile(source, target)
            continue
        try:
            pl.read_csv(source, try_parse_dates=True).write_parquet(target)
        except pl.exceptions.PolarsError as error:
            reason = str(error).splitlines()[0]
            raise DatabaseError(
                f"{source}: {reason}; mend the file or save it as Parquet"
            ) from error


def can_name_a_table(name: str) -> bool:
    """Whether code can find a table as a variable of this name."""
    return name.isidentifier() and not keyword.iskeyword(name) and name not in TAKEN


def _sources(parameters: Parameters, folder: Path) -> dict[str, Path]:
    """Table name -> file, sorted by name."""
    root = folder / parameters.path
    found: dict[str, Path] = {}
    for path in sorted(root.glob("*")):
        if path.suffix not in FORMATS:
            continue
        if path.stem in found:
            raise ValueError(f"two files for table '{path.stem}' in {root}; keep one of them")
        if not can_name_a_table(path.stem):
            raise ValueError(f"'{path.name}' cannot name a Python variable; rename the file")
        found[path.stem] = path
    if not found:
        raise ValueError(f"no {' or '.join(FORMATS)} file in {root}; name a folder that has some")
    return dict(sorted(found.items()))
