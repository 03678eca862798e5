"""Sort keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import is_number, widened
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Translation


@dataclass(frozen=True)
class Key:
    """What is sorted by, and how."""

    code: Code
    descending: bool
    nulls_last: bool
    """Whether nulls come last, where there may be any; False where there are none."""

    def turned(self) -> str:
        """A key that rises where this one falls, nulls being null."""
        if is_number(self.code.dtype):
            return f"-{widened(self.code).at_least(Binding.SIGN)}"
        return self.code.call("rank", '"dense"', "descending=True").text


def keys_of(translate: Translation, ordered: Iterable[Node]) -> list[Key]:
    """The keys of an ORDER BY; nulls come last unless it says otherwise."""
    return [key_of(translate(each.this), each) for each in ordered]


def key_of(code: Code, ordered: Node) -> Key:
    """One key, over code that is translated already."""
    last = code.nullable and not ordered.args.get("nulls_first")
    return Key(code, bool(ordered.args.get("desc")), last)


def sort_arguments(keys: Sequence[Key]) -> list[str]:
    """Arguments of DataFrame.sort."""
    arguments = [key.code.argument for key in keys]
    falling = [key.descending for key in keys]
    last = [key.nulls_last for key in keys]
    if any(falling):
        arguments.append(f"descending={_flags(falling)}")
    if any(last):
        # Where a key has no nulls either setting is right.
        never = [key.nulls_last or not key.code.nullable for key in keys]
        arguments.append(f"nulls_last={_flags(never)}")
    return arguments


def _flags(flags: Sequence[bool]) -> str:
    return str(flags[0]) if len(set(flags)) == 1 else str(list(flags))
