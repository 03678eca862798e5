"""The mutants of a gold answer: its code with one small wrong change each."""

import difflib
from collections import Counter
from dataclasses import dataclass

from darkwood_bench.tasks.mutation.edits import Columns, Source, edits
from darkwood_bench.tasks.mutation.laws import Laws


@dataclass(frozen=True)
class Mutant:
    """One wrong program that looks like a gold answer."""

    name: str
    """'kind: old -> new', and a number where several read alike; unique within a task."""
    code: str

    def diff(self, gold_code: str) -> str:
        """The lines that changed, before (-) and after (+)."""
        lines = difflib.unified_diff(
            gold_code.splitlines(), self.code.splitlines(), n=0, lineterm=""
        )
        return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@"))


def mutants_of(gold_code: str, columns: Columns, laws: Laws) -> tuple[Mutant, ...]:
    """Every mutant, each program once, in the order of the code. Raises SyntaxError.

    `columns`: those of the tables that the task posts; `laws`: what holds of these.
    """
    source = Source(gold_code)
    seen = {gold_code}
    names: Counter[str] = Counter()
    found = []
    for edit in edits(source, columns, laws.of(source.tree)):
        code = source.edited(edit)
        if code in seen:
            continue
        seen.add(code)
        compile(code, "mutant", "exec")  # an edit that makes no program is a mistake of ours
        old, new = _short(source.text(edit.node), edit.text)
        name = f"{edit.kind}: {old} -> {new}"
        names[name] += 1
        found.append(Mutant(name if names[name] == 1 else f"{name} #{names[name]}", code))
    return tuple(found)


def _short(old: str, new: str) -> tuple[str, str]:
    """Both texts on one line, without what they begin and end with alike."""
    old, new = (" ".join(text.split()) for text in (old, new))
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    context = 12
    start, end = max(0, start - context), max(0, end - context)
    cut = (old[start : len(old) - end], new[start : len(new) - end])
    return cut[0] or "nothing", cut[1] or "nothing"
