"""A report of a store that is made up, and what it was made from."""

from dataclasses import dataclass
from pathlib import Path

from made_store import Size, make_store

from darkwood_bench.report import Contents, Written, build_report
from darkwood_bench.report_source import read_contents

HOSTILE = (
    "\"'><script>document.title='owned'</script><img src=x onerror=alert(1)></pre></table>"
    "<!--\u202e\x00\x1b[31m&lt;{{ 7*7 }} {% raw %} javascript:alert(1) "
)
"""What a model, a question or a cell may say to get at whoever reads the report."""


@dataclass(frozen=True)
class Made:
    """A report, and what it was made from."""

    tables: str
    contents: Contents
    written: Written

    @property
    def folder(self) -> Path:
        return self.written.folder

    def page(self, path: str) -> str:
        return (self.folder / path).read_text()


def make(folder: Path, size: Size, **options: object) -> Made:
    tables = make_store(folder, size, **options)  # type: ignore[arg-type]
    contents = read_contents(tables)
    return Made(tables, contents, build_report(contents, folder / "report"))
