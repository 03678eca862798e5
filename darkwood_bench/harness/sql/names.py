"""Names that are not there, where one that is there is all that can be meant."""

from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """The one known name that a name must mean; None where there is none, or more than one.

    In turn: the same but for case; but for separators ("full_name" is "full name"); but for a
    plural's s; a known name that has a prefix before it ("custkey" is "c_custkey").
    """
    known = list(dict.fromkeys(known))
    if name in known:
        return name
    folded, letters = name.casefold(), _letters(name)
    for found in (
        [other for other in known if other.casefold() == folded],
        [other for other in known if _letters(other) == letters],
        [other for other in known if _singular(other) == _singular(name)],
        [other for other in known if other.casefold().endswith(f"_{folded}")],
    ):
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _singular(name: str) -> str:
    return _letters(name).removesuffix("s")
