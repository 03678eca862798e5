"""From an asset in the UI to its code: a file and line here, or on GitHub or GitLab."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from darkwood_bench.settings import PACKAGE, PROJECT

GIT_PATIENCE_S = 5
_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]+@)?|ssh://git@|git@)(?P<host>[\w.-]+)(?::\d+)?[:/](?P<path>.+?)(?:\.git)?/?"
)


def with_code_links(assets: Sequence[Any]) -> list[Any]:
    """Assets with references to the code that makes them.

    They lead to the git host where this checkout's remote is on one that Dagster can link to
    (GitHub, GitLab), and to files on this machine anywhere else.
    """
    linked = dg.with_source_code_references(assets)
    remote = web_address(_git("config", "--get", "remote.origin.url"))
    commit = _git("rev-parse", "HEAD")
    if remote is None or not commit:
        return list(linked)
    return list(
        dg.link_code_references_to_git(
            linked,
            git_url=remote,
            git_branch=commit,
            file_path_mapping=dg.AnchorBasedFilePathMapping(
                local_file_anchor=PACKAGE / "__init__.py",
                file_anchor_path_in_repository="darkwood_bench/__init__.py",
            ),
        )
    )


def web_address(remote: str) -> str | None:
    """The page of a git remote, without its credentials; None where Dagster cannot link to it."""
    found = _REMOTE.fullmatch(remote)
    if found is None or not re.search(r"github|gitlab", found["host"]):
        return None
    return f"https://{found['host']}/{found['path']}"


def _git(*words: str, folder: Path = PROJECT) -> str:
    """What git says of the project's checkout; empty where there is no git or no checkout."""
    if not (folder / ".git").exists():
        return ""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            timeout=GIT_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
