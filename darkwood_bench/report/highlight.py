"""Python code as HTML, its parts told apart by classes; whatever the code says, it is escaped."""

from functools import lru_cache

from markupsafe import Markup
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer
from pygments.lexers.sql import SqlLexer

_LONGEST = 20_000
"""Characters that are worth colouring; a longer program is a model that could not stop."""
_HTML = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=20_000)
def python(code: str) -> Markup:
    """Python code, ready for a <pre>."""
    if len(code) > _LONGEST:
        return Markup("{}").format(code)
    return Markup(highlight(code, PythonLexer(stripnl=False), _HTML))


def sql(query: str) -> Markup:
    """A query, ready for a <pre>."""
    return Markup(highlight(query, SqlLexer(stripnl=False), _HTML))
