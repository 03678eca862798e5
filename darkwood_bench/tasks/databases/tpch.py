"""TPC-H (https://www.tpc.org/tpch/), made by tpchgen-cli with its own dtypes: Decimal, Date."""

import shutil
import subprocess
import sysconfig
from importlib.metadata import version as package_version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from darkwood_bench.tasks.errors import DatabaseError

TABLES = (
    "customer",
    "lineitem",
    "nation",
    "orders",
    "part",
    "partsupp",
    "region",
    "supplier",
)


class Parameters(BaseModel):
    """The size of the database. TPC-H has no seed: its values are fixed by the scale factor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale_factor: float = Field(gt=0, le=1000)
    """1 is about 1 GB of raw data: 6 million rows in lineitem."""


def table_names(parameters: Parameters, folder: Path) -> tuple[str, ...]:
    """The eight tables of the specification."""
    return TABLES


def version(parameters: Parameters, folder: Path) -> str:
    """The generator's release."""
    return f"tpchgen-cli {package_version('tpchgen-cli')}"


def write(parameters: Parameters, folder: Path, into: Path) -> None:
    """Write the eight tables. Raises DatabaseError when tpchgen-cli is missing or fails."""
    command = [
        _executable(),
        "parquet",
        "--scale-factor",
        str(parameters.scale_factor),
        "--output-dir",
        str(into),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise DatabaseError(f"tpchgen-cli failed: {reason[0]}; run it by hand: {command}")


def _executable() -> str:
    """The program of the installed wheel, which need not be on PATH."""
    found = shutil.which("tpchgen-cli", path=sysconfig.get_path("scripts")) or shutil.which(
        "tpchgen-cli"
    )
    if found is None:
        raise DatabaseError("tpchgen-cli is not found; install it: pip install tpchgen-cli")
    return found
