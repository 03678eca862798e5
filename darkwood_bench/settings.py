"""Where things are: found once from the environment, handed down as values."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).parent
PROJECT = PACKAGE.parent


@dataclass(frozen=True)
class Settings:
    """The folders and registry files that a run works with."""

    dagster_home: Path
    """Dagster's run storage, the journals and, by default, the tables. DAGSTER_HOME."""
    datasets: Path
    """One folder a suite. DARKWOOD_DATASETS."""
    cache: Path
    """Weights and built databases: safe to delete, fetched or built again. DARKWOOD_CACHE."""
    models: Path
    """The model registry. DARKWOOD_MODELS."""
    variants: Path
    """The prompt variant registry. DARKWOOD_VARIANTS."""

    tables: str
    """Where the Parquet tables are: a folder, or a URL such as s3://bucket. DARKWOOD_TABLES."""

    @property
    def store(self) -> Path:
        """Journals, and the frames that code produced: always on this machine."""
        return self.dagster_home / "darkwood"


def settings_from_env() -> Settings:
    """Settings from the environment, with the checkout's own folders as defaults."""

    def path(name: str, default: Path) -> Path:
        return Path(os.environ.get(name) or default).expanduser().absolute()

    dagster_home = path("DAGSTER_HOME", PROJECT / "dagster_home")
    return Settings(
        dagster_home=dagster_home,
        datasets=path("DARKWOOD_DATASETS", PROJECT / "datasets"),
        cache=path("DARKWOOD_CACHE", platformdirs.user_cache_path("darkwood_bench")),
        models=path("DARKWOOD_MODELS", PACKAGE / "harness" / "models.yaml"),
        variants=path("DARKWOOD_VARIANTS", PACKAGE / "prompting" / "variants.yaml"),
        tables=os.environ.get("DARKWOOD_TABLES") or str(dagster_home / "darkwood" / "tables"),
    )
