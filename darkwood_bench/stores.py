"""Journals and results: on this machine, or where every machine of a cluster sees them."""

from collections.abc import Iterator
from contextlib import contextmanager

from upath import UPath

from darkwood_bench.journal import Journal
from darkwood_bench.sandbox import ResultStore
from darkwood_bench.settings import Settings
from darkwood_bench.shared_journal import SharedJournal
from darkwood_bench.shared_results import SharedResults

_JOURNALS = "journal"
_RESULTS = "results"


@contextmanager
def open_journal(settings: Settings, name: str, key: str) -> Iterator[Journal]:
    """A journal by its name, with rows keyed by one of their fields.

    Raises JournalError where a shared one cannot be read, or written at the end.
    """
    if settings.shared is None:
        yield Journal(settings.store / _JOURNALS / f"{name}.jsonl", key)
        return
    shared = UPath(settings.shared) / _JOURNALS / name
    with SharedJournal(settings.store / _JOURNALS / f"{name}.sessions", shared, key) as journal:
        yield journal


@contextmanager
def open_results(settings: Settings) -> Iterator[ResultStore]:
    """Where the frames that code produced are kept."""
    here = settings.store / _RESULTS
    if settings.shared is None:
        yield ResultStore(here)
        return
    with SharedResults(here, UPath(settings.shared) / _RESULTS) as results:
        yield results
