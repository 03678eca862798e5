"""Frames under construction: what they start from and the methods called on them in turn."""

from dataclasses import dataclass

WIDTH = 100


@dataclass(frozen=True)
class Step:
    """A method and its arguments, each as source."""

    method: str
    arguments: tuple[str, ...]

    @property
    def text(self) -> str:
        return f".{self.method}({', '.join(self.arguments)})"


@dataclass(frozen=True)
class Chain:
    """A DataFrame: a variable, or an expression, and the methods called on it."""

    base: str
    steps: tuple[Step, ...] = ()

    def then(self, method: str, *arguments: str) -> "Chain":
        """One more call."""
        return Chain(self.base, (*self.steps, Step(method, arguments)))

    def where(self, *conditions: str) -> "Chain":
        """Filtered; conditions of neighbouring filters stand in one."""
        if not conditions:
            return self
        if self.steps and self.steps[-1].method == "filter":
            last = self.steps[-1]
            return Chain(self.base, self.steps[:-1]).then("filter", *last.arguments, *conditions)
        return self.then("filter", *conditions)

    @property
    def text(self) -> str:
        """All on one line."""
        return self.base + "".join(step.text for step in self.steps)


def assignment(name: str, chain: Chain) -> str:
    """A statement, over several lines where it is long: a line a call, or a line an argument."""
    line = f"{name} = {chain.text}"
    if len(line) <= WIDTH or not chain.steps:
        return line
    if len(chain.steps) == 1:
        return f"{name} = {chain.base}{_broken(chain.steps[0], '')}"
    return "\n".join(
        [f"{name} = (", f"    {chain.base}", *(_step(step) for step in chain.steps), ")"]
    )


def _step(step: Step) -> str:
    line = f"    {step.text}"
    return line if len(line) <= WIDTH or not step.arguments else "    " + _broken(step, "    ")


def _broken(step: Step, indent: str) -> str:
    inner = "".join(f"{indent}    {argument},\n" for argument in step.arguments)
    return f".{step.method}(\n{inner}{indent})"
