"""What the compiler cannot do, as one error."""


class Untranslatable(Exception):
    """SQL that is not compiled; the message says in one line what it is about, and why not."""
