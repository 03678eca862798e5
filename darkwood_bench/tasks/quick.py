"""The quick slice: a small sample of the test tasks that still touches everything."""

from collections import Counter
from collections.abc import Sequence

from darkwood_bench.identity import content_id
from darkwood_bench.tasks.task import Task

QUICK_SIZE = 30


def quick_slice(tasks: Sequence[Task], size: int = QUICK_SIZE) -> tuple[Task, ...]:
    """At most `size` of the test tasks, spread evenly over categories, suites and difficulties.

    Categories take turns, so that none has two tasks more than another that has any left. Each
    takes a task of the suite that was taken from least so far, then of the difficulty that was
    taken least, and of these the first by its id's hash: no draw of chance. A larger slice holds
    every smaller one. In the order of `tasks`.
    """
    left = sorted(
        (task for task in tasks if task.split == "test"), key=lambda task: content_id(task.task_id)
    )
    categories, suites, difficulties = Counter[str](), Counter[str](), Counter[int]()
    chosen: set[str] = set()
    while left and len(chosen) < size:
        task = min(
            left,
            key=lambda task: (
                categories[task.category],
                task.category,
                suites[task.suite],
                difficulties[task.difficulty],
            ),
        )
        left.remove(task)
        chosen.add(task.task_id)
        categories[task.category] += 1
        suites[task.suite] += 1
        difficulties[task.difficulty] += 1
    return tuple(task for task in tasks if task.task_id in chosen)
