"""What goes in and out of the service: every request and reply, field by field."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

QUESTION_CHARS = 8_000
MOST_TABLES = 64
MOST_COLUMNS = 4_000
"""Of one table."""
MOST_COLUMNS_IN_ALL = 10_000
"""Of all tables of a question: more than any model's context holds."""
NAME_CHARS = 256
DTYPE_CHARS = 2_000
CODE_CHARS = 64_000
UPLOAD_ID = r"^upl_[A-Za-z0-9_-]{32}$"

Format = Literal["parquet", "csv"]
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS)]
Dtypes = Annotated[
    dict[
        Annotated[str, Field(max_length=NAME_CHARS)], Annotated[str, Field(max_length=DTYPE_CHARS)]
    ],
    Field(max_length=MOST_COLUMNS),
]
"""Column name to dtype, in any of the usual spellings: Int64, pl.Int64, i64, datetime[us]."""
Question = Annotated[str, Field(min_length=1, max_length=QUESTION_CHARS)]
RunOn = Literal["data", "empty_frames"]


class Body(BaseModel):
    """What every body is made as: a field's docstring is its description in /docs."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class TableFile(Body):
    """A file below one of the server's data folders."""

    file_name: Annotated[str, Field(min_length=1, max_length=4_000)]
    format: Format
    columns: Dtypes | None = None
    """Stand in where the file is not there."""


class TableUpload(Body):
    """A file that was sent to POST /v1/uploads."""

    upload_id: Annotated[str, Field(pattern=UPLOAD_ID)]


class TableColumns(Body):
    """A table that only its columns are known of."""

    columns: Dtypes
    n_rows: Annotated[int, Field(ge=0)] | None = None


TableIn = Annotated[
    TableFile | TableUpload | TableColumns | Dtypes, Field(union_mode="left_to_right")
]
Tables = Annotated[dict[Name, TableIn], Field(max_length=MOST_TABLES)]
"""By the names that code finds them under. The shorthand {column: dtype} is a table, too."""


class ChatRequest(Body):
    """The hackathon's request."""

    message: Question
    tables: Tables = {}


class ChatReply(Body):
    """The hackathon's reply."""

    response: str
    """Python code that assigns `result`; a comment that says why, where there is none."""


class QueryOptions(Body):
    """How a question is to be answered."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    max_rows: Annotated[int, Field(ge=0, le=10_000)] = 100
    """Rows of the result at most; `n_rows` says how many there are."""
    attempts: Annotated[int, Field(ge=1, le=5)] = 2
    """Times at most that the model is asked: again where its code fails."""
    result: Literal["json", "arrow"] = "json"
    """arrow: the rows as an Arrow IPC stream in base64 (`arrow_base64`), and none as JSON."""
    run_on: RunOn = "data"
    """empty_frames: the code is run over tables without rows even where their data is there."""


class QueryRequest(Body):
    """A question over tables."""

    question: Question
    tables: Annotated[dict[Name, TableIn], Field(min_length=1, max_length=MOST_TABLES)]
    options: QueryOptions = QueryOptions()


class ExecuteRequest(Body):
    """A program over tables."""

    code: Annotated[str, Field(min_length=1, max_length=CODE_CHARS)]
    tables: Tables = {}
    options: QueryOptions = QueryOptions()


class ResultColumn(Body):
    name: str
    dtype: str
    """As Polars writes it."""


class Result(Body):
    """The first rows of what the code gave."""

    columns: list[ResultColumn]
    rows: list[list[Any]]
    """Dates and times in ISO 8601, decimals, integers beyond 2^53 and floats that are not finite as
    text, binary as base64."""
    n_rows: int
    """Of the whole result."""
    truncated: bool
    """Whether rows, or parts of long values, were left out."""
    arrow_base64: str | None = None


class ExecutionFigures(Body):
    """How the program ended, in the sandbox."""

    status: str
    """ok, or as the executions table has it: runtime_error, timeout, oom, …"""
    error_class: str | None
    error_message: str | None
    error_line: int | None
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    isolation_level: str
    """L3 (strongest) to L0."""


class AttemptRow(Body):
    """One answer of the model."""

    code: str | None
    status: str
    """As an execution ends; no_code; or not_run."""
    error_class: str | None
    error_message: str | None


class Timings(Body):
    """Seconds."""

    queue_s: float
    """Waiting for the model."""
    generate_s: float
    """From request to final code, summed over attempts: what the benchmark calls T."""
    verify_s: float
    """Running the code in the sandbox."""
    total_s: float


class System(Body):
    """Who answered: a row of the leaderboard."""

    model: str
    prompt_variant: str


class QueryReply(Body):
    """An answer, and what is known of it."""

    id: str
    code: str | None
    verified: bool
    """Whether the code ran without error, on what `verified_on` says."""
    verified_on: RunOn | None
    result: Result | None
    execution: ExecutionFigures | None
    attempts: list[AttemptRow]
    warnings: list[str]
    failure_class: str | None
    """One of the benchmark's failure classes, where the code fails."""
    reason: str | None
    """Why it is not verified, in one line."""
    timings: Timings
    system: System


class ExecuteReply(Body):
    """How a program ended, and what it gave."""

    id: str
    execution: ExecutionFigures
    result: Result | None
    failure_class: str | None
    warnings: list[str]


class UploadReply(Body):
    """A file that can be asked about."""

    upload_id: str
    table: str
    """A name for it that code can use."""
    format: Format
    columns: dict[str, str]
    """Column name to Polars dtype."""
    n_rows: int
    bytes: int
    expires_s: float
    """Seconds until it is deleted, if it is not used before then."""


class Health(Body):
    status: Literal["ok"] = "ok"


class Readiness(Body):
    status: Literal["ready", "loading", "failed", "stopping"]
    model: str
    prompt_variant: str
    isolation_level: str | None
    """None where nothing can be run here, so that no answer is verified."""


class Problem(Body):
    """Every error's body."""

    detail: str
    request_id: str


class Progress(Body):
    """The data of an event `progress`."""

    stage: Literal["queued", "generating", "verifying", "repairing"]
    attempt: int
    tokens: int | None = None
    """Of the answer so far."""
