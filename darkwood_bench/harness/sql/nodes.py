"""The parser's nodes under the name that the compiler has for them."""

from sqlglot.expressions.core import Expression as Node

__all__ = ["Node"]
