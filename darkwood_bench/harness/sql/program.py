"""The Python program that a query becomes: statements, their names, and what was mended."""

import builtins
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from darkwood_bench.harness.sql.chain import Chain, assignment

Schemas = Mapping[str, Mapping[str, pl.DataType]]
"""The columns of each table that the program finds."""


@dataclass
class Program:
    """Statements in the making."""

    tables: Schemas
    statements: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    """What was read as something else than what was written, in words."""
    _names: set[str] = field(default_factory=set)
    _columns: set[str] = field(default_factory=set)

    def assign(self, hint: str, chain: Chain) -> Chain:
        """A frame under a name of its own."""
        name = self._name(hint)
        self.statements.append(assignment(name, chain))
        return Chain(name)

    def value(self, hint: str, text: str) -> str:
        """A value under a name of its own."""
        name = self._name(hint)
        self.statements.append(f"{name} = {text}")
        return name

    def column(self, hint: str) -> str:
        """A column's name that no table has and that was not given before."""
        taken = self._columns.union(*(set(columns) for columns in self.tables.values()))
        name = _free(hint, taken)
        self._columns.add(name)
        return name

    def mend(self, what: str) -> None:
        """Say what was read as something else."""
        if what not in self.mended:
            self.mended.append(what)

    def _name(self, hint: str) -> str:
        plain = re.sub(r"\W+", "_", hint).strip("_").lower() or "rows"
        if plain[0].isdigit() or keyword.iskeyword(plain) or hasattr(builtins, plain):
            plain = f"{plain}_" if not plain[0].isdigit() else f"t_{plain}"
        name = _free(plain, {*self.tables, *self._names, "pl", "result"})
        self._names.add(name)
        return name


def _free(hint: str, taken: set[str]) -> str:
    name, number = hint, 2
    while name in taken:
        name, number = f"{hint}_{number}", number + 1
    return name
