"""What assets are given: where things are, and how tables are written and read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import dagster as dg
import polars as pl
from dagster._utils.interrupts import check_captured_interrupt
from upath import UPath

from darkwood_bench.claims import claimed
from darkwood_bench.partitions import cells_of_tags
from darkwood_bench.progress import Report, silent
from darkwood_bench.settings import Settings
from darkwood_bench.storage import TableError, how_to_make_again, read_parquet, write_whole


@dataclass(frozen=True)
class Bench:
    """The surroundings of a run: its folders and who wants to hear of progress."""

    settings: Settings
    report: Report = silent


class ParquetTables(dg.ConfigurableIOManager, dg.UPathIOManager):
    """One Parquet file a table, or a file a partition: <base>/<table>/<model>/<variant>.parquet.

    `base` is a folder, or any URL that fsspec knows (s3://…, memory://…). A partitioned asset gives
    and takes a dict of partition key to frame, however many partitions its run has, so that one run
    of a model over a range of variants is written as one file a variant.
    """

    base: str
    store: str | None = None
    """The folder of this machine's journals and claims; without one no partition is claimed."""
    # The base class has it as an instance variable, which pydantic would take for a setting.
    extension: ClassVar[str | None] = ".parquet"  # pyright: ignore[reportIncompatibleVariableOverride]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ParquetTables"]:
        """The tables, with the run's partitions claimed for as long as it lasts."""
        self._base_path = UPath(self.base)
        run = context.run
        if run is None or self.store is None:
            yield self
            return
        told: set[str] = set()

        def waiting(line: str) -> None:
            if check_captured_interrupt():
                raise dg.DagsterExecutionInterruptedError
            if line not in told and context.log is not None:
                told.add(line)
                context.log.warning(line)

        with claimed(Path(self.store), cells_of_tags(run.tags), run.run_id, waiting):
            yield self

    def dump_to_path(self, context: dg.OutputContext, obj: pl.DataFrame, path: UPath) -> None:
        buffer = BytesIO()
        obj.write_parquet(buffer)
        write_whole(path, buffer.getvalue())

    def load_from_path(self, context: dg.InputContext, path: UPath) -> pl.DataFrame:
        table, *partition = path.with_suffix("").relative_to(self._base_path).parts
        return read_parquet(path, how_to_make_again(table, tuple(partition)))

    def load_partitions(self, context: dg.InputContext) -> dict[str, pl.DataFrame]:
        """Every partition that the input asks for, by key.

        Raises FileNotFoundError for one that was never written, and TableError for one that is
        damaged, unless the input's metadata says allow_missing_partitions: then they are left out,
        and the log names the damaged ones.
        """
        missing_allowed = (context.definition_metadata or {}).get("allow_missing_partitions")
        frames = {}
        for key, path in self._get_paths_for_partitions(context).items():
            if missing_allowed and not self.path_exists(path):
                continue
            try:
                frames[key] = self.load_from_path(context, path)
            except TableError as error:
                if not missing_allowed:
                    raise
                context.log.error(f"left out: {error}")
        return frames

    def handle_output(
        self, context: dg.OutputContext, obj: pl.DataFrame | Mapping[str, pl.DataFrame] | None
    ) -> None:
        """Write a frame, or a frame for each of the run's partitions."""
        if obj is None:
            return
        paths: Mapping[str, UPath] = {}
        if isinstance(obj, pl.DataFrame):
            files = {self._get_path(context): obj}
        else:
            paths = self._get_paths_for_partitions(context)
            if different := paths.keys() ^ obj.keys():
                raise dg.DagsterInvariantViolationError(
                    f"{context.asset_key.to_user_string()}: the run's partitions and the frames "
                    f"given differ in {sorted(different)}"
                )
            files = {paths[key]: frame for key, frame in obj.items()}
        for path, frame in files.items():
            self.make_directory(path.parent)
            self.dump_to_path(context, frame, path)
        if isinstance(obj, pl.DataFrame):
            context.add_output_metadata(_written(*files.popitem()))
            return
        for key, path in paths.items():
            context.step_context.add_asset_metadata(
                _written(path, files[path]), asset_key=context.asset_key, partition_key=key
            )


def _written(path: UPath, frame: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    """What is shown of one file."""
    return {
        "path": dg.MetadataValue.path(str(path)),
        "dagster/row_count": dg.MetadataValue.int(frame.height),
    }
