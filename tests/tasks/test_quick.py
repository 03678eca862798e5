"""The laws of the quick slice."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.tables import CATEGORIES
from darkwood_bench.tasks import Split, Task, quick_slice


def task(
    suite: str, number: int, category: str, split: Split = "test", difficulty: int = 1
) -> Task:
    return Task(
        task_id=f"{suite}/{category.replace(' ', '-')}-{number}",
        suite=suite,
        database=suite,
        split=split,
        question="?",
        tables=("t",),
        output_columns=("x",),
        order_by=(),
        category=category,
        difficulty=difficulty,
        gold_code="result = t",
        oracle_sql="SELECT x FROM t",
        source="here:1",
    )


def bank(per_cell: int, suites: str = "ab") -> list[Task]:
    """As many tasks of each difficulty in each category of each suite."""
    return [
        task(suite, 10 * difficulty + number, category, difficulty=difficulty)
        for suite in suites
        for category in CATEGORIES
        for difficulty in range(1, 6)
        for number in range(per_cell)
    ]


banks = st.lists(
    st.builds(
        task,
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 9),
        st.sampled_from(CATEGORIES),
        st.sampled_from(["test", "examples"]),
        st.integers(1, 5),
    ),
    unique_by=lambda task: task.task_id,
)


@given(banks, st.integers(0, 40))
def test_size_split_and_spread(tasks: list[Task], size: int) -> None:
    chosen = quick_slice(tasks, size)
    tests = [task for task in tasks if task.split == "test"]
    assert len(chosen) == min(size, len(tests))
    assert set(chosen) <= set(tests)
    assert list(chosen) == [task for task in tasks if task in chosen]
    have = Counter(task.category for task in tests)
    taken = Counter(task.category for task in chosen)
    if size >= len(have):
        assert taken.keys() == have.keys()
    # A category has fewer than another only when it has no more, but for the last turn.
    full = max(taken.values(), default=0)
    assert all(taken[name] >= min(have[name], full - 1) for name in have)


@given(banks.flatmap(lambda tasks: st.tuples(st.just(tasks), st.permutations(tasks))))
def test_the_choice_does_not_depend_on_the_order(orders: tuple[list[Task], list[Task]]) -> None:
    first, second = (set(quick_slice(tasks, 12)) for tasks in orders)
    assert first == second


@given(st.integers(1, 10), st.integers(0, 60))
@settings(deadline=None, max_examples=40)
def test_suites_and_difficulties_are_even_where_each_has_every_category(
    suites: int, size: int
) -> None:
    chosen = quick_slice(bank(1, "abcdefghij"[:suites]), size)
    for each in ("category", "suite"):
        taken = Counter(getattr(task, each) for task in chosen)
        among = len(CATEGORIES) if each == "category" else suites
        counts = [*taken.values(), *[0] * (among - len(taken))]
        assert max(counts) - min(counts) <= 1, each
    pairs = {(task.category, task.suite) for task in chosen}
    if len(pairs) == len(chosen):  # else what a category has left of a suite decides
        difficulties = Counter(task.difficulty for task in chosen)
        assert max(difficulties.values(), default=0) <= -(-len(chosen) // 5)


@given(banks, st.integers(0, 40), st.integers(0, 40))
@settings(deadline=None)
def test_a_larger_slice_holds_the_smaller(tasks: list[Task], one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert set(quick_slice(tasks, small)) <= set(quick_slice(tasks, large))


def test_examples_are_never_in_it() -> None:
    assert quick_slice([task("a", 1, "joins", "examples")]) == ()
    assert quick_slice([]) == ()
