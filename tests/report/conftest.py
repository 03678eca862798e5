"""Reports of stores that are made up."""

import pytest
from made_report import HOSTILE, Made, make
from made_store import Size


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two models, three variants, twelve tasks."""
    return make(tmp_path_factory.mktemp("report"), Size())


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The same, where every text that others can write is an attack."""
    return make(tmp_path_factory.mktemp("hostile"), Size(), text=HOSTILE)
