"""`darkwood tasks leaks`: whether prompts give tests away, and whether tests are copies."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from darkwood_bench.commands.terminal import out
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tasks import Likeness, find_leaks, load_suites, near_duplicates


def leaks(
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Look for test tasks in examples and in prompts' rules; exit 1 where there are any.

    Every example of every suite and every text of every prompt variant is held against every test
    task: wording (case, accents, digits and punctuation aside) and the shape of gold code (names
    and literals aside). Tests that are near copies of one another are reported too.
    """
    from darkwood_bench.prompting import load_variants, texts

    settings = settings_from_env()
    tasks = [task for suite in load_suites(settings.datasets) for task in suite.tasks]
    rules = {
        f"variant {variant.name}: {field}": text
        for variant in load_variants(settings.variants).values()
        for field, text in texts(variant).items()
    }
    leaked, copies = find_leaks(tasks, rules), near_duplicates(tasks)
    if as_json:
        found = {"leaks": leaked, "near_duplicates": copies}
        print(json.dumps({name: [asdict(one) for one in each] for name, each in found.items()}))
    else:
        tests = sum(task.split == "test" for task in tasks)
        _print(leaked, "given away by", "red")
        _print(copies, "is like", "yellow")
        out.print(
            f"{tests} tests against {len(tasks) - tests} examples and {len(rules)} texts of "
            f"prompts: {len(leaked)} leaks; {len(copies)} pairs of tests are near copies",
            highlight=False,
            soft_wrap=True,
        )
    if leaked:
        raise typer.Exit(1)


def _print(found: Sequence[Likeness], verb: str, colour: str) -> None:
    for one in found:
        out.print(
            f"[{colour}]{one.test}[/{colour}] {verb} {one.other}: {one.why}",
            highlight=False,
            soft_wrap=True,
        )
