"""Text of models and tables as a page can show it: nothing unseen, and no more than is read."""

MESSAGE = 40_000
"""Characters of one message of a prompt that are shown."""
ANSWER = 20_000
"""Characters of a model's text, and of its code, where one answer is on the page."""
_BUDGET = 400_000
"""Characters of the models' texts on one page, all answers together."""
_LEAST = 1_500
_STEERS = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Marks that reverse the direction of text: code could read otherwise than it runs."""
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}
_UNSEEN = _STEERS | _CONTROLS | {0x7F: "␡"}


def visible(text: str) -> str:
    """A text with its control characters and direction marks as signs."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_UNSEEN)


def allowance(answers: int) -> int:
    """Characters of each text that are shown on a page of so many answers."""
    return max(_LEAST, min(ANSWER, _BUDGET // max(1, answers) // 2))


def cut(text: str | None, length: int) -> tuple[str, int]:
    """The beginning of a text, and how many characters of it are left out."""
    text = visible(text or "")
    return (text, 0) if len(text) <= length else (text[:length], len(text) - length)
