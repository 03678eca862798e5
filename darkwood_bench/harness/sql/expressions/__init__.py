"""Expressions by family: each module has a handler a kind of node."""
