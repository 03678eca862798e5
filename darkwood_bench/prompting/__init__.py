"""How it is asked: prompt variants, the rendering of schemas, the choice of worked examples."""

from darkwood_bench.prompting.examples import choose_examples
from darkwood_bench.prompting.grammar import polars_grammar
from darkwood_bench.prompting.messages import Message, build_messages
from darkwood_bench.prompting.named_columns import named_columns
from darkwood_bench.prompting.own import OWN_HASH, own_messages, own_prompt_id
from darkwood_bench.prompting.question import Example, Question, TableSchema
from darkwood_bench.prompting.relations import Relation, find_relations
from darkwood_bench.prompting.relevance import relevant_tables
from darkwood_bench.prompting.schema import render_schema
from darkwood_bench.prompting.sql_grammar import sql_grammar
from darkwood_bench.prompting.summary import ColumnSummary, TableSummary, summarise
from darkwood_bench.prompting.variants import (
    OWN,
    Note,
    Rendering,
    Variant,
    VariantError,
    load_variants,
    texts,
    usual_variants,
    variant_hash,
)

__all__ = [
    "OWN",
    "OWN_HASH",
    "ColumnSummary",
    "Example",
    "Message",
    "Note",
    "Question",
    "Relation",
    "Rendering",
    "TableSchema",
    "TableSummary",
    "Variant",
    "VariantError",
    "build_messages",
    "choose_examples",
    "find_relations",
    "load_variants",
    "named_columns",
    "own_messages",
    "own_prompt_id",
    "polars_grammar",
    "relevant_tables",
    "render_schema",
    "sql_grammar",
    "summarise",
    "texts",
    "usual_variants",
    "variant_hash",
]
