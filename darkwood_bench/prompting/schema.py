"""How tables are shown to the model."""

from collections.abc import Mapping
from typing import Literal

TableSchema = Mapping[str, str]
"""Column name to Polars dtype, as text: {'mana_cost': 'Int64'}."""

SchemaStyle = Literal["names", "typed"]


def render_schema(tables: Mapping[str, TableSchema], style: SchemaStyle) -> str:
    """Tables as text for a prompt, in the order given.

    `names` lists the tables without their columns; `typed` gives a table a block, with a line for
    each column: its name, quoted so that blanks in it show, and its dtype.
    """
    if style == "names":
        return "Tables: " + ", ".join(tables)
    blocks = [
        "\n".join([f"Table {table}:", *(f'  "{name}": {dtype}' for name, dtype in columns.items())])
        for table, columns in tables.items()
    ]
    return "\n".join(blocks)
