"""Answers in SQL on their way to code, and what is said of those that have none."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
from asking import asked

from darkwood_bench.harness import Finishing, Generator, Problem, correction
from darkwood_bench.harness.finishing import Checked, final_code, finished

Make = Callable[..., Generator]
TABLES = {"cards": {"card_name": pl.String(), "cost": pl.Int64()}}
SQL = Finishing(TABLES, language="sql")


def test_an_answer_in_sql_becomes_polars_code_and_says_what_was_mended() -> None:
    final = final_code("```sql\nSELECT name FROM Cards WHERE cost > 1\n```", SQL)
    assert final.code == 'result = cards.filter(pl.col("cost") > 1).select("card_name")'
    assert final.rewrites == ("Cards -> cards", "name -> card_name")
    assert final.problem is None


def test_what_is_not_compiled_has_no_code_and_a_reason() -> None:
    final = finished("SELECT lowest FROM cards", SQL, 1.0)
    assert final.code is None
    assert final.problem == Problem("not_compiled", message="no column lowest in cards")
    assert final.problem is not None
    assert final.problem.summary == "no column lowest in cards"


def test_compiled_code_is_tried_like_any_other() -> None:
    seen: list[str] = []

    def check(code: str, left_s: float) -> Checked:
        seen.append(code)
        return Checked(Problem("runtime_error", "SchemaError", "no"))

    tried = Finishing(TABLES, language="sql", check=check, attempts=1)
    assert finished("SELECT cost FROM cards", tried, 1.0).problem is not None
    assert seen == ['result = cards.select("cost")']
    assert finished("SELECT price FROM cards", tried, 1.0).code is None
    assert len(seen) == 1


def test_the_model_is_told_why_and_which_columns_there_are() -> None:
    text = correction(
        Problem("not_compiled", message="no column lowest in cards"), {"cards": ["cost"]}
    )
    assert "no column lowest in cards" in text
    assert "Columns: cards: cost" in text
    assert "query" in text


def test_the_language_is_part_of_an_answers_id_and_other_ids_stay() -> None:
    assert Finishing(TABLES).row() == {"static_repair": False, "attempts": 0}
    assert SQL.row() != Finishing(TABLES).row()


def test_polars_code_stands_whatever_was_asked_for() -> None:
    code = 'result = cards.select("cost")'
    assert final_code(f"```python\n{code}\n```", SQL).code == code


def test_a_querys_grammar_is_left_out_where_a_backend_has_none(scripted: Make) -> None:
    held = replace(asked("count the cards"), grammar='root ::= "x"')
    with scripted() as generator:
        [refused] = generator.run([held], prompt_variant="v").rows
        [answered] = generator.run([replace(held, finishing=SQL)], prompt_variant="w").rows
    assert "grammar" in refused["error"]
    assert answered["error"] is None
    assert answered["raw_text"]
