"""What is asked: tasks, and the prompts that are made of them."""

from darkwood_bench.tables.columns import BOOL, INT, MESSAGES, NAMES, STR
from darkwood_bench.tables.schema import Column, Table
from darkwood_bench.tables.vocabulary import CATEGORIES

TASKS = Table(
    "tasks",
    "What is asked: questions over tables, each with a gold answer and an independent oracle.",
    ("task_id",),
    {
        "task_id": Column(STR, "suite/name, unique over all suites"),
        "suite": Column(STR, "the folder under datasets/ that the task is from"),
        "database": Column(STR, "the database that the suite's tables are from"),
        "split": Column(STR, "test, or examples (for few-shot)", allowed=("test", "examples")),
        "question": Column(STR, "the request, as a person words it"),
        "tables": Column(NAMES, "the tables that the code finds loaded, in order"),
        "output_columns": Column(NAMES, "the names of the columns of the gold result"),
        "ordered": Column(BOOL, "whether the order of rows is part of the answer"),
        "order_by": Column(NAMES, "the output columns that fix the order; empty when unordered"),
        "ignore_names": Column(BOOL, "whether columns are matched by content, not by name"),
        "category": Column(STR, "what kind of query it is", allowed=CATEGORIES),
        "difficulty": Column(INT, "1 (one step) to 5 (a pipeline)", minimum=1),
        "gold_code": Column(STR, "Polars code that assigns the right answer to `result`"),
        "oracle_sql": Column(STR, "DuckDB SQL, written apart, that gives the same answer", True),
        "verified": Column(BOOL, "whether gold and oracle were found to agree, as they are now"),
        "source": Column(STR, "file:line that the task was read from"),
        "dataset_hash": Column(STR, "hash of the suite's tasks and of its tables' contents"),
    },
)

PROMPTS = Table(
    "prompts",
    "How it is asked: the chat messages of a task under a prompt variant.",
    ("prompt_id", "task_id"),
    {
        "prompt_id": Column(STR, "hash of the messages"),
        "task_id": Column(STR, "the task"),
        "prompt_variant": Column(STR, "the variant's name in the registry"),
        "messages": Column(MESSAGES, "role and content, in order"),
        "example_task_ids": Column(NAMES, "the worked examples shown, in order"),
        "grammar": Column(STR, "the GBNF that the answer must follow, where there is one", True),
        "grammar_hash": Column(STR, "hash of the decoding grammar, where there is one", True),
        "prompt_variant_hash": Column(STR, "hash of the variant's registry entry"),
    },
)
