"""The registry of prompt variants: a YAML file, one entry a variant."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from darkwood_bench.identity import content_id
from darkwood_bench.mistakes import field_names, in_words
from darkwood_bench.tables import CATEGORIES

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*")
"""A variant's name becomes a partition key, where `| , [ ]` and blanks have a meaning."""

OWN = "own"
"""The variant of models that bring their own prompt. No entry has this name: nothing is to set."""


class VariantError(Exception):
    """A prompt variant cannot be used; the message names file, variant, field and fix."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rendering(_Settings):
    """How tables are shown. In the registry a layout alone may stand for it."""

    layout: Literal["names", "typed", "lines", "sql"]
    """names: no columns; typed: a line for each column; lines: a line for each table; sql: the same
    with names and types as SQL writes them."""
    dtypes: Literal["full", "short"] = "full"
    """full: as Polars writes them; short: int, float, str, date, list[str]."""
    samples: int = Field(default=0, ge=0, le=10)
    """Values shown of each column of text, the most frequent first."""
    null_shares: bool = False
    """Whether a column with nulls says what share they are."""
    relations: bool = False
    """Whether keys that the tables' data have in common are listed."""
    at_most: int | None = Field(default=None, ge=1)
    """Tables shown at most, those that the question is about, and what connects them."""
    columns_at_most: int | None = Field(default=None, ge=1)
    """Columns shown of a table at most, those that the question is about first."""
    mentions: bool = False
    """Whether the columns that the question spells are listed once more."""

    @property
    def needs_data(self) -> bool:
        """Whether the tables' data has to be read, and not only their columns."""
        return bool(self.samples or self.null_shares or self.relations or self.at_most)


class Pick(_Settings):
    """Examples chosen for each question. An engine cannot keep them from question to question."""

    by: Literal["bm25", "embedding"]
    """How two questions' likeness is measured, their tables' and columns' names left out."""
    count: int = Field(ge=1, le=20)
    category: float = Field(default=0.0, ge=0.0, le=1.0)
    """Weight of an example's category being the one that the question's neighbours have."""
    shape: float = Field(default=0.0, ge=0.0, le=1.0)
    """Weight of the likeness of the schemas: number of tables, dtypes of the columns."""


class ExampleChoice(_Settings):
    """Which worked examples a variant shows, and how."""

    categories: tuple[Literal[CATEGORIES], ...] = ()  # type: ignore[valid-type]
    """One example for each, in this order; the same for every question."""
    pick: Pick | None = None
    """Further examples, chosen by the question, after those."""
    place: Literal["turns", "system"] = "turns"
    """turns: as chat turns before the question; system: inside the system message."""
    code: Literal["written", "compact"] = "written"
    """compact: every statement on one line, as short as it can be without other names."""
    ending: Literal["written", "select"] = "written"
    """select: code that does not end so is given an end that selects the output columns."""
    tables: Literal["named", "neutral"] = "named"
    """neutral: an example's tables are called table_1, table_2, so that none can be copied."""

    @model_validator(mode="after")
    def _shows_some(self) -> Self:
        if not self.categories and self.pick is None:
            raise ValueError("names neither categories nor pick; leave examples out to show none")
        if self.pick is not None and self.place == "system":
            raise ValueError("pick needs place: turns, for a system message is every question's")
        return self


class Note(_Settings):
    """A rule that is shown with the questions that it may help, and with no others."""

    text: str = Field(min_length=1)
    words: tuple[str, ...] = ()
    """Beginnings of words of the question, any of which calls for the note; none: any question."""
    dtypes: tuple[str, ...] = ()
    """Beginnings of dtypes of columns, any of which calls for the note; none: any columns."""


class VoteSettings(_Settings):
    """Several candidates for each answer; the one whose result most of them have is taken."""

    candidates: int = Field(ge=3, le=15)
    """At most: once the rest cannot change the outcome, they are not made."""
    temperature: float = Field(gt=0.0, le=2.0)
    """Of all candidates but the first."""


class Variant(_Settings):
    """One way to ask."""

    name: str
    about: str
    ablation: bool = False
    """One lever alone, to show what it buys: asked only when it is named."""
    system: str = Field(min_length=1)
    rendering: Rendering = Field(alias="schema")
    examples: ExampleChoice | None = None
    notes: tuple[Note, ...] = ()
    language: Literal["polars", "sql"] = "polars"
    """What the model writes: Polars code, or one SQL query, which is compiled to it."""
    answer: Literal["fenced", "bare"] = "fenced"
    """How examples write their code: in a fenced block, or as it is, which is shorter."""
    grammar: Literal["polars", "sql"] | None = None
    """What answers are held to: polars, the task's own tables and columns and Polars' methods; sql,
    one query over the task's own tables and columns."""
    hold_outputs: bool = False
    """Whether the grammar has just the output columns, where the question plainly lists them."""
    static_repair: bool = False
    """Whether slips in the answer's code that have one remedy are mended, without the model."""
    repair_attempts: int = Field(default=0, ge=0, le=5)
    """Times at most that the model is asked again for code that fails over empty tables."""
    vote: VoteSettings | None = None
    """Several candidates, run over the question's own tables, and a vote by result."""

    @model_validator(mode="after")
    def _speaks_one_language(self) -> Self:
        if self.grammar is not None and self.grammar != self.language:
            raise ValueError(
                f"grammar: {self.grammar} is not what language: {self.language} writes"
            )
        if self.hold_outputs and self.grammar != "sql":
            raise ValueError("hold_outputs needs grammar: sql")
        if self.vote is not None and self.repair_attempts:
            raise ValueError("vote has candidates, repair_attempts mends one answer; leave one out")
        shown = self.examples
        styled = shown and (shown.code, shown.ending, shown.tables) != (
            "written",
            "written",
            "named",
        )
        if self.language == "sql" and (styled or self.static_repair):
            raise ValueError(
                "language: sql shows queries as they are written and mends them as it compiles; "
                "leave static_repair and the examples' code, ending and tables out"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _layout_alone(cls, entry: Any) -> Any:
        if isinstance(entry, dict) and isinstance(entry.get("schema"), str):
            return {**entry, "schema": {"layout": entry["schema"]}}
        return entry


def variant_hash(variant: Variant) -> str:
    """Identity of what a variant asks; a changed description does not change it."""
    asked = variant.model_dump(exclude={"about", "ablation", "name"})
    if variant.language == "polars":
        del asked["language"]  # as variants were before there was another
    if variant.vote is None:
        del asked["vote"]  # as variants were before there were votes
    return content_id(asked)


def texts(variant: Variant) -> dict[str, str]:
    """Every text that a variant puts before a model, by its field ('system', 'notes.0.text').

    Worked examples are no text of the variant: they are tasks of the examples split.
    """
    shown = variant.model_dump(include={"system", "notes"})
    return dict(_texts("", shown))


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """The strings in a JSON value, each with the path of fields and indices that leads to it."""
    match value:
        case str():
            yield field, value
        case dict():
            for name, inner in value.items():
                yield from _texts(f"{field}.{name}".lstrip("."), inner)
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from _texts(f"{field}.{index}", inner)


def load_variants(path: Path) -> dict[str, Variant]:
    """All variants of a registry file by name, in the file's order, ablations last.

    Raises VariantError naming file, variant and field.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VariantError(f"{path}: no such file; set DARKWOOD_VARIANTS to a registry") from None
    except yaml.YAMLError as error:
        raise VariantError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(entries, dict) or not entries:
        raise VariantError(f"{path}: expected a mapping of variant names to their settings")
    variants = {name: _variant(path, name, entry) for name, entry in entries.items()}
    usual = usual_variants(variants)
    if usual != list(variants)[: len(usual)]:
        after = next(name for name, one in variants.items() if one.ablation)
        raise VariantError(
            f"{path}: {after}.ablation: variants that are asked only by name come last; "
            "move it to the end"
        )
    return variants


def usual_variants(variants: Mapping[str, Variant]) -> list[str]:
    """The names of the variants that are asked where none is named: all but ablations.

    They are the first of a registry, and so one range of partitions.
    """
    return [name for name, one in variants.items() if not one.ablation]


def _variant(path: Path, name: Any, entry: Any) -> Variant:
    if not isinstance(name, str) or not SLUG.fullmatch(name) or "..." in name:
        raise VariantError(
            f"{path}: {name!r}: a variant's name is made of a-z, 0-9, '.', '_' and '-'; rename it"
        )
    if name == OWN:
        raise VariantError(
            f"{path}: {name}: is the variant of models that bring their own prompt; rename it"
        )
    if not isinstance(entry, dict):
        raise VariantError(f"{path}: {name}: expected a mapping with about, system and schema")
    try:
        return Variant.model_validate({"name": name, **entry})
    except ValidationError as error:
        first = error.errors()[0]
        field = "".join(f".{part}" for part in first["loc"])
        words = in_words(first, field_names(Variant, _Settings))
        raise VariantError(f"{path}: {name}{field}: {words}") from error
