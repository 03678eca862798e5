"""Which of the host's files a program finds, and what it can import."""

from pathlib import Path

import pytest

from darkwood_bench.sandbox import Sandbox, folders, isolation, probe_isolation
from darkwood_bench.sandbox import sandbox as sandbox_module
from darkwood_bench.sandbox.folders import hidden_folders, package_folders, readable_paths

STANDARD_LIBRARY = """
import sys
names = sorted(sys.stdlib_module_names - {'antigravity', 'this'})
lost = []
for name in names:
    try:
        __import__(name)
    except ImportError as error:
        lost.append(f'{name}: {error}')
    except Exception as error:
        print(name, error)
result = pl.DataFrame({'lost': lost}, schema={'lost': pl.String})
"""


@pytest.fixture(params=["strongest", "without bubblewrap"])
def any_sandbox(
    request: pytest.FixtureRequest, tables: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    report = probe_isolation()
    if request.param == "without bubblewrap":
        monkeypatch.setattr(isolation, "bubblewraps", list)
        report = probe_isolation.__wrapped__()
    monkeypatch.setattr(sandbox_module, "probe_isolation", lambda: report)
    return Sandbox(tables, min_isolation="L0")


def test_nothing_that_is_shown_holds_packages_of_anyones() -> None:
    shown = readable_paths()
    assert shown
    assert all(path.exists() for path in shown)
    for hidden in hidden_folders():
        assert not [path for path in shown if hidden.is_relative_to(path)]
        assert not [path for path in shown if path.is_relative_to(hidden)]


def test_packages_within_the_standard_library_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "lib" / "python3.11"
    for folder in (library / "json", library / "site-packages" / "gold", tmp_path / "outside"):
        folder.mkdir(parents=True)
    (library / "os.py").touch()
    (library / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "lib" / "libc.so").touch()
    monkeypatch.setattr(folders, "system_folders", lambda: (tmp_path / "lib",))
    hidden = hidden_folders.__wrapped__()
    assert hidden == (library / "site-packages",)
    monkeypatch.setattr(folders, "hidden_folders", lambda: hidden)
    shown = {str(path.relative_to(tmp_path)) for path in readable_paths.__wrapped__()}
    assert shown == {"lib/libc.so", "lib/python3.11/json", "lib/python3.11/os.py"}


def test_the_standard_library_and_the_closed_list_can_be_imported(any_sandbox: Sandbox) -> None:
    packages = [name for name in package_folders() if not name.endswith(".libs")]
    assert {"polars", "pyarrow", "numpy"} <= set(packages)
    with any_sandbox:
        execution = any_sandbox.run(f"import {', '.join(packages)}\n{STANDARD_LIBRARY}")
    assert execution.result is not None, execution
    # The interpreter may have been built without some, or they are for another system.
    lost = [line for line in execution.result["lost"] if _is_here(line.split(":")[0])]
    assert lost == []


def _is_here(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


@pytest.mark.parametrize("name", ["pandas", "pytest", "dagster", "darkwood_bench"])
def test_nothing_else_can_be_imported(any_sandbox: Sandbox, name: str) -> None:
    with any_sandbox:
        execution = any_sandbox.run(f"import {name}")
    assert (execution.status, execution.error_class) == ("runtime_error", "ModuleNotFoundError")
