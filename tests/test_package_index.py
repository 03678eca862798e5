"""Files out of a package index: real pip, a folder as its index, packages that must not run."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from darkwood_bench.package_index import PackageError, download_package

REQUIREMENT = "tiny-data==1.0"


def source_distribution(folder: Path, files: Mapping[str, bytes]) -> Path:
    """An sdist of tiny-data 1.0 in a folder that pip can take for an index."""
    path = folder / "tiny_data-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"tiny_data-1.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of pip's index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for variable in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.mark.parametrize("pyproject", [True, False])
def test_a_source_distribution_is_fetched_and_nothing_of_it_runs(
    index: Path, tmp_path: Path, pyproject: bool
) -> None:
    witness = tmp_path / "it ran"
    setup = f"open({str(witness)!r}, 'w'); from setuptools import setup; setup(name='tiny-data')"
    files = {"setup.py": setup.encode(), "tiny/data.csv": b"a\n1\n"}
    if pyproject:
        files["pyproject.toml"] = b'[build-system]\nrequires = ["setuptools"]\n'
    path = source_distribution(index, files)
    content = path.read_bytes()
    target = tmp_path / "got" / "tiny"
    download_package(REQUIREMENT, target, hashlib.sha256(content).hexdigest())
    assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]
    assert not witness.exists()


def test_another_hash_is_refused_before_the_file_is_opened(index: Path, tmp_path: Path) -> None:
    (index / "tiny_data-1.0.tar.gz").write_bytes(b"not an archive at all")
    got = hashlib.sha256(b"not an archive at all").hexdigest()
    target = tmp_path / "tiny"
    with pytest.raises(PackageError, match=f"SHA-256 is not the expected one \\(Got {got}\\)"):
        download_package(REQUIREMENT, target, "0" * 64)
    assert not target.exists()


def test_without_a_hash_only_a_wheel_will_do(index: Path, tmp_path: Path) -> None:
    source_distribution(index, {"setup.py": b"raise RuntimeError('it ran')"})
    with pytest.raises(PackageError) as error:
        download_package(REQUIREMENT, tmp_path / "tiny")
    assert "pip download tiny-data==1.0 failed: No matching distribution" in str(error.value)
    assert "\n" not in str(error.value)
