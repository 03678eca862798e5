"""A suite to begin with: over one's own tables, with a task that works and the laws of the data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from darkwood_bench.tasks.schema import SCHEMA_FILE, Schema
from darkwood_bench.tasks.schema_inference import infer_schema
from darkwood_bench.tasks.staging import TEST_FILE

README = """\
# {name}

{tables}

## Tasks

`{file}` has one task a line, as JSON. The first is an example that works; put yours in its place.

- `name`: lower case and hyphens.
- `question`: what is asked, as people ask it. It names the columns of the answer wherever a reader
  could not know them, and says the order only where it matters.
- `category`: {categories}.
- `tables`: the tables that are posted with the question.
- `output_columns`: the columns of the answer.
- `order_by`: the columns of the answer that fix its order; [] when any order is right.
- `gold_code`: Polars code that finds each table as a DataFrame of its name and assigns `result`.
- `oracle_sql`: DuckDB SQL for the same answer, written from the question and not from the gold
  code. Without it the gold is never verified.

`{schema}` says what holds in every database like this one. It was read out of the data: correct
it. `darkwood tasks check` makes small databases by it, on which gold and oracle must agree too.

## Next

```
darkwood tasks check --suite {name}
darkwood run --suite {name}
```
"""


def write_skeleton(folder: Path, tables: Mapping[str, Path], categories: tuple[str, ...]) -> None:
    """Write tasks.jsonl, schema.yaml and README.md for tables (name -> Parquet)."""
    frames = {name: pl.read_parquet(path) for name, path in tables.items()}
    (folder / TEST_FILE).write_text(json.dumps(_example(next(iter(frames)))) + "\n")
    schema = "# Read out of the data: correct what is wrong.\n" + schema_text(infer_schema(frames))
    (folder / SCHEMA_FILE).write_text(schema, encoding="utf-8")
    text = README.format(
        name=folder.name,
        tables="\n".join(_rows(frames)),
        file=TEST_FILE,
        schema=SCHEMA_FILE,
        categories=", ".join(categories),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def schema_text(schema: Schema) -> str:
    """A schema as the YAML that `read_schema` reads; laws that say nothing are left out."""
    tables: dict[str, Any] = {}
    for name, rules in schema.tables.items():
        laws = {
            field: _plain(value)
            for field in type(rules).model_fields
            if field != "references" and (value := getattr(rules, field))
        }
        if rules.references:
            laws["references"] = {
                column: f"{target.table}.{target.column}"
                for column, target in rules.references.items()
            }
        tables[name] = laws
    return yaml.safe_dump(
        {"tables": tables}, sort_keys=False, allow_unicode=True, default_flow_style=None, width=90
    )


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _example(table: str) -> dict[str, Any]:
    return {
        "name": "example-how-many-rows",
        "question": f"How many rows are there in {table}? Call the number n.",
        "category": "aggregations",
        "tables": [table],
        "output_columns": ["n"],
        "order_by": [],
        "gold_code": f"result = {table}.select(n=pl.len())",
        "oracle_sql": f"SELECT count(*) AS n FROM {table}",
    }


def _rows(frames: Mapping[str, pl.DataFrame]) -> list[str]:
    lines = ["|table|rows|columns|", "|-|-|-|"]
    for name, frame in frames.items():
        columns = ", ".join(f"{column} ({dtype})" for column, dtype in frame.schema.items())
        lines.append(f"|{name}|{frame.height}|{columns}|")
    return lines
