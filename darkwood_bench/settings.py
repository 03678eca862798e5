"""Where things are: found once from the environment, handed down as values."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs

PACKAGE = Path(__file__).parent
PROJECT = PACKAGE.parent


class SettingsError(Exception):
    """A variable of the environment says something that is not known; the message names it."""


@dataclass(frozen=True)
class Settings:
    """The folders and registry files that a run works with."""

    dagster_home: Path
    """Dagster's run storage, the journals and, by default, the tables. DAGSTER_HOME."""
    datasets: Path
    """One folder a suite. DARKWOOD_DATASETS."""
    cache: Path
    """Weights and built databases: safe to delete, fetched or built again. DARKWOOD_CACHE."""
    models: tuple[Path, ...]
    """The model registries, later ones added to earlier: the one that comes with darkwood and your
    own; or DARKWOOD_MODELS alone."""
    own_models: Path
    """The registry that `darkwood models add` writes to; it may not be there yet."""
    variants: Path
    """The prompt variant registry. DARKWOOD_VARIANTS."""

    tables: str
    """Where the Parquet tables are: a folder, or a URL such as s3://bucket. DARKWOOD_TABLES."""
    shared: str | None = None
    """Where journals and results are kept for all machines of a cluster, as a URL such as
    s3://bucket/store; None keeps them on this machine alone. DARKWOOD_SHARED."""
    executions: Literal["local", "ray"] = "local"
    """Where code runs: on this machine, or on the nodes of a Ray cluster. DARKWOOD_EXECUTIONS."""
    min_isolation: Literal["L0", "L1", "L2", "L3"] = "L1"
    """The least isolation that code may run with; a weaker node is refused.
    DARKWOOD_MIN_ISOLATION."""

    @property
    def store(self) -> Path:
        """Journals, and the frames that code produced, on this machine."""
        return self.dagster_home / "darkwood"


def settings_from_env() -> Settings:
    """Settings from the environment, with the checkout's own folders as defaults.

    Raises SettingsError for a variable whose value is not known.
    """

    def path(name: str, default: Path) -> Path:
        return Path(os.environ.get(name) or default).expanduser().absolute()

    own_models = path(
        "DARKWOOD_MODELS", platformdirs.user_config_path("darkwood_bench") / "models.yaml"
    )
    if os.environ.get("DARKWOOD_MODELS"):
        models = (own_models,)
    else:
        with_darkwood = PACKAGE / "harness" / "models.yaml"
        models = (with_darkwood, own_models) if own_models.exists() else (with_darkwood,)
    dagster_home = path("DAGSTER_HOME", PROJECT / "dagster_home")
    return Settings(
        dagster_home=dagster_home,
        datasets=path("DARKWOOD_DATASETS", PROJECT / "datasets"),
        cache=path("DARKWOOD_CACHE", platformdirs.user_cache_path("darkwood_bench")),
        models=models,
        own_models=own_models,
        variants=path("DARKWOOD_VARIANTS", PACKAGE / "prompting" / "variants.yaml"),
        tables=os.environ.get("DARKWOOD_TABLES") or str(dagster_home / "darkwood" / "tables"),
        shared=os.environ.get("DARKWOOD_SHARED") or None,
        executions=_one_of("DARKWOOD_EXECUTIONS", "local", "local", "ray"),
        min_isolation=_one_of("DARKWOOD_MIN_ISOLATION", "L1", "L0", "L1", "L2", "L3"),
    )


def _one_of(name: str, default: str, *allowed: str) -> Any:
    value = os.environ.get(name) or default
    if value not in allowed:
        raise SettingsError(f"{name} is '{value}'; set it to one of {', '.join(allowed)}")
    return value
