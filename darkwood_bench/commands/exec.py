"""`darkwood exec`: run one program in the sandbox, as the benchmark runs a model's answer."""

import math
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import polars as pl
import typer

from darkwood_bench.commands.execution_view import as_json, print_execution
from darkwood_bench.commands.terminal import err, fail
from darkwood_bench.sandbox import Execution, Limits, Sandbox, SandboxError, SandboxUnavailable

NOT_OK = 3
BAD_USAGE = 2
STANDARD_INPUT = "-"
SHOWN_ROWS = 20
DEFAULT = Limits()
MEGABYTE = 1 << 20


def exec_(
    code_file: Annotated[
        str, typer.Argument(metavar="CODE_FILE", help="The program; - for standard input.")
    ],
    table: Annotated[
        list[str] | None,
        typer.Option(
            "--table",
            "-t",
            metavar="NAME=PATH",
            help="A Parquet, CSV or Arrow IPC file, and the variable that holds it; repeat.",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds that it may take.", metavar="S")
    ] = DEFAULT.wall_s,
    memory: Annotated[
        int, typer.Option(help="Megabytes on top of the tables.", metavar="MB")
    ] = DEFAULT.memory_bytes // MEGABYTE,
    threads: Annotated[
        int, typer.Option(help="Threads of the engine.", metavar="N")
    ] = DEFAULT.threads,
    output: Annotated[
        Path | None,
        typer.Option(help="Keep the result here: .parquet or .csv.", metavar="FILE"),
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="Rows to show. Default: 20; with --json all.", metavar="N")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    allow_unisolated: Annotated[
        bool,
        typer.Option(
            "--allow-unisolated",
            help="Run it even where nothing confines it: it can then do all that you can.",
        ),
    ] = False,
) -> None:
    """Run a program in the sandbox and show how it ends.

    It finds each table as a Polars DataFrame of its name, and Polars as `pl`; what it assigns to
    `result` is shown. Exit code: 0 when its status is ok, 3 otherwise, 2 when it could not be
    asked to run. Examples:

      darkwood exec answer.py --table cards=cards.parquet

      echo "result = pl.DataFrame({'a': [1]})" | darkwood exec - --json
    """
    code = _code(code_file)
    tables = _tables(table or [])
    limits = _limits(timeout, memory, threads)
    if rows is not None and rows < 0:
        _refuse("--rows", f"{rows} is less than none; give 0 or more")
    if output is not None:
        _check_output(output)
    execution = _run(code, tables, limits, allow_unisolated)
    if json:
        typer.echo(as_json(execution, rows))
    else:
        print_execution(execution, code, SHOWN_ROWS if rows is None else rows)
    if output is not None and execution.result is not None:
        _keep(execution.result, output)
        err.print(f"kept in {output}", highlight=False, markup=False, soft_wrap=True)
    if execution.status != "ok":
        raise typer.Exit(NOT_OK)


def _run(code: str, tables: dict[str, Path], limits: Limits, allow_unisolated: bool) -> Execution:
    least = "L0" if allow_unisolated else "L1"
    try:
        sandbox = Sandbox(tables, limits, min_isolation=least)
    except SandboxUnavailable as error:
        fail(f"{error} Here: --allow-unisolated. `darkwood doctor` shows more.", code=1)
    except SandboxError as error:
        _refuse("--table", str(error))
    with sandbox:
        return sandbox.run(code)


def _code(code_file: str) -> str:
    try:
        if code_file == STANDARD_INPUT:
            return sys.stdin.buffer.read().decode()
        return Path(code_file).read_text("utf-8")
    except UnicodeDecodeError:
        _refuse("CODE_FILE", f"{code_file} is not UTF-8 text; save it as UTF-8")
    except OSError as error:
        reason = error.strerror or error
        _refuse("CODE_FILE", f"{code_file}: {reason}; name a file of Python code, or -")


def _tables(given: list[str]) -> dict[str, Path]:
    tables: dict[str, Path] = {}
    for one in given:
        name, equals, path = one.partition("=")
        if not equals or not path:
            _refuse("--table", f"'{one}' is not NAME=PATH; say, --table cards=cards.parquet")
        if name in tables:
            _refuse("--table", f"'{name}' is given twice; give each table a name of its own")
        tables[name] = Path(path)
    return tables


def _limits(timeout: float, memory: int, threads: int) -> Limits:
    for name, value in (("timeout", timeout), ("memory", memory), ("threads", threads)):
        if not (0 < value < math.inf):
            _refuse(f"--{name}", f"{value} is no limit; give more than 0")
    return Limits(
        wall_s=timeout,
        cpu_s=max(DEFAULT.cpu_s, math.ceil(timeout * threads)),
        memory_bytes=memory * MEGABYTE,
        threads=threads,
    )


def _check_output(output: Path) -> None:
    """Before the program runs: afterwards would be too late."""
    if output.suffix not in (".parquet", ".csv"):
        _refuse("--output", f"{output} ends in neither .parquet nor .csv; rename it")
    if output.is_dir() or not output.parent.is_dir() or not os.access(output.parent, os.W_OK):
        _refuse("--output", f"{output} cannot be written; name a file in a folder that is there")


def _keep(result: pl.DataFrame, output: Path) -> None:
    if output.suffix == ".parquet":
        result.write_parquet(output)
        return
    nested = [name for name, dtype in result.schema.items() if _has_no_csv_form(dtype)]
    if nested:
        _refuse("--output", f"CSV has no form for {', '.join(nested)}; use .parquet")
    result.write_csv(output)


def _has_no_csv_form(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype == pl.Binary


def _refuse(argument: str, message: str) -> NoReturn:
    fail(f"{argument}: {message}", code=BAD_USAGE)
