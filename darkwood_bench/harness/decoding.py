"""How tokens are chosen, and what the engine is given to choose them with."""

from dataclasses import asdict, dataclass, field
from typing import Any

from darkwood_bench.cores import physical_cores


@dataclass(frozen=True)
class Decoding:
    """One setting of the decoder; the fields are those of `tables.DECODING`."""

    temperature: float = 0.0
    """0 is greedy; above it, plain sampling at that temperature (no top-k, no top-p)."""
    max_tokens: int = 320
    """Tokens of an answer at most."""
    seed: int = 0
    context: int = 4096
    """Tokens that the engine has room for: prompt and answer together."""
    threads: int = field(default_factory=physical_cores)
    """CPU threads of the engine."""
    stop: tuple[str, ...] = ()
    """The answer ends before the first of these."""

    def row(self) -> dict[str, Any]:
        """The value of the `decoding` column."""
        return {**asdict(self), "stop": list(self.stop)}
