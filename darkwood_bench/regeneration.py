"""A regeneration has a name from its start to its end, so that one that is killed goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from upath import UPath

from darkwood_bench.identity import content_id
from darkwood_bench.storage import write_whole


@contextmanager
def named_regeneration(store: Path, what: Any) -> Iterator[str]:
    """The name of the regeneration of `what` (a JSON value: the models, variants and tasks).

    It is kept in `store` until the block ends well. Whoever starts the same again before that is
    given the same name, and so finds the answers that were made under it.
    """
    path = store / "regenerations" / content_id(what)
    try:
        name = path.read_text()
    except FileNotFoundError:
        name = uuid4().hex
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(UPath(path), name.encode())
    yield name
    path.unlink(missing_ok=True)
