"""The laws of the quick slice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.tables import CATEGORIES
from darkwood_bench.tasks import Split, Task, quick_slice


def task(suite: str, number: int, category: str, split: Split = "test") -> Task:
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
        difficulty=1,
        gold_code="result = t",
        oracle_sql="SELECT x FROM t",
        source="here:1",
    )


def bank(per_category: int, suites: tuple[str, ...] = ("a", "b")) -> list[Task]:
    return [
        task(suite, number, category)
        for suite in suites
        for category in CATEGORIES
        for number in range(per_category)
    ]


banks = st.lists(
    st.builds(
        task,
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 9),
        st.sampled_from(CATEGORIES),
        st.sampled_from(["test", "examples"]),
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


def test_suites_share_every_category() -> None:
    chosen = quick_slice(bank(10), 4 * len(CATEGORIES))
    pairs = Counter((task.category, task.suite) for task in chosen)
    assert set(pairs.values()) == {2}
    assert len(pairs) == 2 * len(CATEGORIES)


def test_a_new_task_moves_only_its_own_category() -> None:
    before = set(quick_slice(bank(10)))
    for number in range(10, 30):
        after = set(quick_slice([*bank(10), task("a", number, "joins")]))
        assert {task.category for task in before ^ after} <= {"joins"}
        assert len(before - after) <= 1


def test_examples_are_never_in_it() -> None:
    assert quick_slice([task("a", 1, "joins", "examples")]) == ()
    assert quick_slice([]) == ()
