"""The output columns that a question lists, where it plainly does.

A list of single names, of which one at least is a column of the tables or looks like a name of one,
that is a clause of its own: "…: city, amount and mean_price." What is in brackets is passed over.
Where a question says it otherwise ("the number of orders as orders"), nothing is read out of it: a
wrong list would cost the answer, and none costs nothing.
"""

import re
from collections.abc import Collection

_NAME = r"[^\W\d]\w*"
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_AND = r",? (?:and|und|et|y) "
_BEFORE = (
    r"(?:^|(?<=[.:;?!] )|\b(?:[Cc]olumns|[Ll]ist|[Gg]ive|[Ss]how|[Rr]eturn|[Ss]elect|[Kk]eep) )"
)
_AFTER = re.compile(
    r"\s*(?:[.;:?!]|$)"
    # What is said of the rows, not one more column.
    r"|, (?:in|by|the|with|only|for|where|leaving|missing|sorted|ordered|first"
    r"|highest|lowest|largest|smallest|most|least|newest|oldest|earliest|latest|busiest|longest"
    r"|shortest)\b"
)
_ORDINARY = frozenset(["the", "a", "an", "each", "every", "all", "it", "is", "are", "was"])


def named_columns(question: str, columns: Collection[str]) -> tuple[str, ...]:
    """In the order in which they are listed, two at least; empty where no list is plain.

    `columns`: of the tables, of which names with blanks are known by. Of several lists the last
    counts: a question ends in what it wants back.
    """
    spaced = sorted((name for name in columns if not re.fullmatch(_NAME, name)), key=len)
    known = [f"'{re.escape(name)}'|{re.escape(name)}" for name in reversed(spaced)]
    item = f"(?:{'|'.join([*known, _NAME])})"
    listed = re.compile(
        rf"{_BEFORE}(?P<names>{item}(?:, {item})*(?:{_AND}{item})?)(?=\s*(?:[.,;:?!]|$))"
    )
    text = _IN_BRACKETS.sub("", question)
    found: tuple[str, ...] = ()
    for match in listed.finditer(text):
        names = tuple(name.strip("'") for name in re.split(rf"{_AND}|, ", match["names"]) if name)
        if _AFTER.match(text, match.end()) and _are_columns(names, columns):
            found = names
    return found


def _are_columns(names: tuple[str, ...], columns: Collection[str]) -> bool:
    return (
        len(names) > 1
        and len(set(names)) == len(names)
        and any(name in columns or "_" in name for name in names)
        and not any(name.lower() in _ORDINARY for name in names)
    )
