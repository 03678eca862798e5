"""Whether what a prompt shows gives a test task away, and whether tests are one another's copies.

Thresholds, with what they were measured on (datasets/README.md has the figures):

- `QUESTION`: unrelated questions of the bank resemble each other at 0.3 at most; a question of
  which three words in ten were replaced by others resembles itself at 0.41 or more 19 times in 20.
  Case, accents, digits and punctuation make no difference at all.
- `GOLD`: one method changed in a program of median length (`LONG`) is about 0.1; nearer programs
  are one program. Short programs differ in a column (0.04) or a comparison (0.09) at most, and
  teach no more than the engine's idioms: only equal shapes count.
- `TOGETHER`: the template with its nouns swapped: neither the words nor the code is enough alone.
- `IN_TEXT`: rules share at most a quarter of a short program's phrases (API idioms), and almost
  none of a question's; a question cut by half and put into a rule leaves half of its phrases.
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from darkwood_bench.tasks.similarity import (
    Bag,
    Phrases,
    containment,
    phrases,
    resemblance,
    shape,
    shingles,
    tree_distance,
    tree_grams,
)
from darkwood_bench.tasks.task import Task

QUESTION = 0.4
"""Resemblance of two questions from which one is a near copy of the other."""
GOLD = 0.1
"""Distance of two shapes of code up to which one is a near copy of the other, which is long."""
LONG = 100
"""pq-grams of a test's gold from which a near copy is one, and not only an equal shape."""
TOGETHER = (0.2, 0.2)
"""Resemblance of questions and distance of gold at which both together make a near copy."""
IN_TEXT = 0.4
"""Share of a question's or a gold code's phrases in a rule's text from which the rule has it."""
FENCED = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Likeness:
    """A test task and what it is too like."""

    test: str
    """The test task's id."""
    other: str
    """Another task's id, or the name of a prompt's text."""
    why: str
    """What is alike, with the measure."""


def find_leaks(tasks: Sequence[Task], texts: Mapping[str, str]) -> tuple[Likeness, ...]:
    """Test tasks that an example, or one of a prompt's texts (by name), gives away.

    Every example is held against every test of any suite, for a prompt may show any example.
    """
    tests = [_Seen.of(task) for task in tasks if task.split == "test"]
    examples = [_Seen.of(task) for task in tasks if task.split == "examples"]
    found = [
        Likeness(test.task_id, example.task_id, why)
        for test in tests
        for example in examples
        if (why := _copied(test, example, by_gold_alone=True))
    ]
    for name, text in texts.items():
        whole, programs = phrases(text), [tree_grams(tree) for tree in _fenced(text)]
        found += [
            Likeness(test.task_id, name, why)
            for test in tests
            if (why := _in_text(test, whole, programs))
        ]
    return tuple(found)


def near_duplicates(tasks: Sequence[Task]) -> tuple[Likeness, ...]:
    """Pairs of test tasks that are one question asked twice, or one template with other nouns.

    Gold alone makes no duplicate: different questions may well have programs of one shape.
    """
    tests = [_Seen.of(task) for task in tasks if task.split == "test"]
    return tuple(
        Likeness(one.task_id, other.task_id, why)
        for one, other in combinations(tests, 2)
        if (why := _copied(one, other, by_gold_alone=False))
    )


@dataclass(frozen=True)
class _Seen:
    """A task as it is compared."""

    task_id: str
    question: frozenset[str]
    question_phrases: Phrases
    gold: Bag
    gold_phrases: Phrases

    @classmethod
    def of(cls, task: Task) -> "_Seen":
        return cls(
            task.task_id,
            shingles(task.question),
            phrases(task.question),
            tree_grams(shape(task.gold_code)),
            phrases(task.gold_code),
        )


def _copied(one: _Seen, other: _Seen, by_gold_alone: bool) -> str | None:
    """Why one task is a near copy of the other; None when it is not."""
    alike = resemblance(one.question, other.question)
    if alike >= QUESTION:
        return f"question (resemblance {alike:.2f})"
    if not by_gold_alone and alike < TOGETHER[0]:
        return None
    apart = tree_distance(one.gold, other.gold)
    if by_gold_alone and apart <= _near(one.gold):
        return f"gold (distance {apart:.2f})"
    if alike >= TOGETHER[0] and apart <= TOGETHER[1]:
        return f"question and gold (resemblance {alike:.2f}, distance {apart:.2f})"
    return None


def _in_text(test: _Seen, whole: Phrases, programs: Sequence[Bag]) -> str | None:
    """Why a text gives a test away; `whole` has the text's phrases, `programs` its fenced code."""
    for part, its_phrases in (("question", test.question_phrases), ("gold", test.gold_phrases)):
        share = containment(its_phrases, whole)
        if share >= IN_TEXT:
            return f"{part} ({share:.0%} of its phrases)"
    apart = min((tree_distance(test.gold, program) for program in programs), default=1.0)
    return f"gold (distance {apart:.2f})" if apart <= _near(test.gold) else None


def _near(gold: Bag) -> float:
    return GOLD if gold.total() >= LONG else 0.0


def _fenced(text: str) -> Iterator[ast.Module]:
    """The shapes of the fenced blocks of a text that are Python."""
    for match in FENCED.finditer(text):
        try:
            yield shape(textwrap.dedent(match[1]))
        except SyntaxError:
            continue
