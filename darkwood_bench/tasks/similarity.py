"""How alike two questions, two pieces of gold code, or a question and a longer text are."""

import ast
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterator

SHINGLE = 4
"""Characters a shingle: shorter ones are shared by chance, longer ones miss an inflected word."""
PHRASE = 3
"""Words a phrase: rules and questions share pairs of words by chance, triples hardly."""
ANCESTORS, SIBLINGS = 2, 3
"""p and q of the pq-grams, as their authors recommend."""

Bag = Counter[tuple[str, ...]]
Phrases = frozenset[tuple[str, ...]]


def normalised(text: str) -> str:
    """Text in lower case without accents, punctuation or line breaks, every number as 0."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"\d+", "0", word) for word in re.findall(r"[^\W_]+", bare))


def shingles(text: str) -> frozenset[str]:
    """The runs of `SHINGLE` characters of the normalised text; a shorter text is its own one."""
    clean = normalised(text)
    last = max(1, len(clean) - SHINGLE + 1)
    return frozenset(clean[start : start + SHINGLE] for start in range(last))


def resemblance(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index of two sets of shingles, 0 to 1: what they share over what either has.

    Broder, "On the resemblance and containment of documents", Sequences 1997.
    """
    return len(one & other) / len(one | other)


def phrases(text: str) -> Phrases:
    """The runs of `PHRASE` words of the normalised text; a shorter text is its own one."""
    words = normalised(text).split()
    last = max(1, len(words) - PHRASE + 1)
    return frozenset(tuple(words[start : start + PHRASE]) for start in range(last))


def containment(part: Phrases, whole: Phrases) -> float:
    """The share of the part's phrases that the whole has, 0 to 1 (Broder 1997)."""
    return len(part & whole) / len(part)


def shape(code: str) -> ast.Module:
    """The syntax tree of code with names and literals blanked out and methods kept.

    Raises SyntaxError.
    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        match node:
            case ast.Name():
                node.id = "name"
            case ast.Constant(value=value):
                node.value = type(value).__name__
            case ast.keyword(arg=str()):
                node.arg = "name"
    return tree


def tree_grams(tree: ast.AST) -> Bag:
    """The pq-grams of a syntax tree: every node with its parent and each run of three children.

    Augsten, Böhlen and Gamper, "Approximate matching of hierarchical data using pq-grams", VLDB
    2005: a bound on the edit distance of trees in time that grows with their size, and no more.
    """
    return Counter(_grams(tree, ("*",) * ANCESTORS))


def tree_distance(one: Bag, other: Bag) -> float:
    """The pq-gram distance: 0 for equal trees, 1 for trees that have nothing in common."""
    return 1 - 2 * (one & other).total() / (one.total() + other.total())


def _grams(node: ast.AST, stem: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    stem = (*stem[1:], _label(node))
    base = deque(["*"] * SIBLINGS, maxlen=SIBLINGS)
    children = list(ast.iter_child_nodes(node))
    if not children:
        yield (*stem, *base)
        return
    for child in children:
        base.append(_label(child))
        yield (*stem, *base)
        yield from _grams(child, stem)
    for _ in range(SIBLINGS - 1):
        base.append("*")
        yield (*stem, *base)


def _label(node: ast.AST) -> str:
    """What a node is, with a method's name or a literal's type where it has one."""
    match node:
        case ast.Attribute(attr=detail) | ast.Constant(value=detail):
            return f"{type(node).__name__} {detail}"
        case _:
            return type(node).__name__
