"""Pages as a browser's parser sees them, as far as tests want to know."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Document:
    """The elements of a page, in order, and its text."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    unclosed: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)

    @property
    def links(self) -> list[str]:
        return [found["href"] for name, found in self.elements if name == "a" and "href" in found]

    @property
    def ids(self) -> list[str]:
        return [found["id"] for _, found in self.elements if "id" in found]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Document()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.found.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if self.found.unclosed and self.found.unclosed[-1] == tag:
            self.found.unclosed.pop()
        else:
            self.found.stray.append(tag)

    def handle_data(self, data: str) -> None:
        self.found.text += data


def parse(page: str) -> Document:
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.found
