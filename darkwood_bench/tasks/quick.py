"""The quick slice: a small sample of the test tasks that still touches everything."""

from collections import defaultdict
from collections.abc import Sequence

from darkwood_bench.identity import content_id
from darkwood_bench.tasks.task import Task

QUICK_SIZE = 30


def quick_slice(tasks: Sequence[Task], size: int = QUICK_SIZE) -> tuple[Task, ...]:
    """At most `size` of the test tasks, spread evenly over categories and, in each, over suites.

    No draw of chance: tasks are taken in the order of their ids' hashes, one for each category in
    turn, so a task added or removed moves only its own category's choice. In the order of `tasks`.
    """
    queues: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.split == "test":
            queues[task.category].append(task)
    # Categories take turns with different suites first, so that no suite gains from being first.
    turns = [_by_suite_in_turn(queues[name], shift) for shift, name in enumerate(sorted(queues))]
    rounds = max(map(len, turns), default=0)
    taken = [queue[turn] for turn in range(rounds) for queue in turns if turn < len(queue)]
    chosen = {task.task_id for task in taken[:size]}
    return tuple(task for task in tasks if task.task_id in chosen)


def _by_suite_in_turn(tasks: Sequence[Task], shift: int) -> list[Task]:
    """The tasks with suites alternating, those of one suite in the order of their ids' hashes."""
    by_suite: dict[str, list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: content_id(task.task_id)):
        by_suite[task.suite].append(task)
    suites = sorted(by_suite)
    first = shift % len(suites)
    queues = [by_suite[name] for name in suites[first:] + suites[:first]]
    rounds = max(map(len, queues))
    return [queue[turn] for turn in range(rounds) for queue in queues if turn < len(queue)]
