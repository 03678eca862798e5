"""Where code references lead."""

import pytest

from darkwood_bench.code_links import web_address


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("https://github.com/someone/bench.git", "https://github.com/someone/bench"),
        ("https://token:x@github.com/someone/bench", "https://github.com/someone/bench"),
        ("git@github.com:someone/bench.git", "https://github.com/someone/bench"),
        ("ssh://git@gitlab.example.org:2222/a/b/bench.git", "https://gitlab.example.org/a/b/bench"),
        ("https://example.org/bench.git", None),
        ("/home/me/bench", None),
        ("", None),
    ],
)
def test_a_remote_has_a_page_where_dagster_can_link_to_it(remote: str, page: str | None) -> None:
    assert web_address(remote) == page
