"""What an answer costs at a server's prices."""

from darkwood_bench.harness.backends import Completion
from darkwood_bench.harness.server_entry import Price

MILLION = 1_000_000


def cost(price: Price | None, answer: Completion) -> float | None:
    """In the currency of the prices; None without prices or without counts of tokens.

    Tokens of the prompt that the server had cached cost `price.cached`, where that is given.
    """
    if price is None or answer.prompt_tokens is None or answer.completion_tokens is None:
        return None
    cached = min(answer.cached_tokens or 0, answer.prompt_tokens)
    of_cached = price.prompt if price.cached is None else price.cached
    return (
        (answer.prompt_tokens - cached) * price.prompt
        + cached * of_cached
        + answer.completion_tokens * price.completion
    ) / MILLION
