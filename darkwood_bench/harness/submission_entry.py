"""A program that answers by the hackathon's contract, as an entry says it."""

from typing import Literal

from pydantic import Field, model_validator

from darkwood_bench.harness.entry import ADDRESS, Entry


class Submission(Entry):
    """A program that answers questions by the hackathon's contract: one of command, image, url."""

    command: tuple[str, ...] = ()
    """What starts it, word by word. `{port}` is where it must listen, `{python}` the Python that
    runs the benchmark; environment variables are expanded."""
    image: str | None = None
    """A container image that starts it; it must be on this machine."""
    url: str | None = Field(default=None, pattern=ADDRESS)
    """Where it runs already. Its memory is not measured then."""
    folder: str = "."
    """Where the command runs, relative to the registry."""
    port: int | None = Field(default=None, gt=0, lt=65536)
    """Where it listens: by default a command on a free port, which the variable PORT names too,
    and an image on 8000."""
    env: dict[str, str] = Field(default_factory=dict)
    """Variables for its process; environment variables in them are expanded, and so are `{port}`
    and `{python}`."""
    tables: Literal["files", "dtypes", "columns"] = "files"
    """How tables are posted: {"file_name", "format"}, {column: dtype}, or {"columns": {column:
    dtype}, "n_rows"}."""
    health_s: float = Field(default=300, gt=0, le=1500)
    """Seconds that it has, from its start, until it answers `GET /` with {"status": "ok"}."""
    revision: str = ""
    """What tells two states of it apart where its files do not: of a url, a commit or a date."""

    @model_validator(mode="after")
    def _one_way_to_start(self) -> "Submission":
        if sum(map(bool, (self.command, self.image, self.url))) != 1:
            raise ValueError("give one of command, image and url")
        for name in ("env", "port"):
            if self.url and getattr(self, name):
                raise ValueError(f"{name} is for what is started here; remove it, or the url")
        return self
