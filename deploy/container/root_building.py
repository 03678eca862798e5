"""Containerfile stages as folders: each a root that its steps were run in."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from containerfile import Stage, Step, copied_from, environment, needed

SUITE = re.compile(r"docker\.io/library/debian:([a-z]+)-\d+-slim$")
ONLY_A_ROOT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclass(frozen=True)
class Image:
    """A root, and what its stages say of running it."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(ONLY_A_ROOT))
    folder: str = "/"
    user: str = "0:0"
    health_check: tuple[str, ...] = ()
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def megabytes(self) -> int:
        """Of its files, in 1e6 bytes."""
        return (
            sum(entry.lstat().st_size for entry in self.root.rglob("*") if entry.is_file())
            // 1_000_000
        )


class Builder:
    """Builds below one folder, from one context."""

    def __init__(self, folder: Path, context: Path, mirror: str) -> None:
        """`mirror`: of Debian; empty for the one that apt is set up with on this machine."""
        self._folder = folder.absolute()
        self._context = context
        self._mirror = mirror or machine_mirror()
        self._pip, self._binds = pip_settings()
        self._built: dict[str, Image] = {}

    def build(self, stages: list[Stage], target: str) -> Image:
        """The target's image; stages that it does not need are left out."""
        for stage in needed(stages, target):
            print(f"== stage {stage.name}", file=sys.stderr)
            image = self._begun(stage)
            for step in stage.steps:
                print(f"-- {step.word} {step.text}"[:150], file=sys.stderr)
                image = self._done(image, step)
            self._built[stage.name] = image
        return self._built[target]

    def _begun(self, stage: Stage) -> Image:
        root = self._folder / stage.name
        if (parent := self._built.get(stage.parent)) is not None:
            _run(["cp", "--archive", "--reflink=auto", str(parent.root), str(root)])
            return replace(parent, root=root)
        match = SUITE.fullmatch(stage.parent)
        if match is None:
            raise SystemExit(
                f"error: {stage.parent}: only Debian's slim images can be stood in for"
            )
        # What the image is made by, too; it removes some documentation besides.
        _run(["debootstrap", "--variant=minbase", match[1], str(root), self._mirror])
        return Image(root)

    def _done(self, image: Image, step: Step) -> Image:
        match step.word:
            case "RUN":
                self._run_inside(image, step.text)
            case "COPY":
                self._copy(image, step)
            case "ENV":
                return replace(image, environment={**image.environment, **environment(step)})
            case "WORKDIR":
                (image.root / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
                return replace(image, folder=step.text)
            case "USER":
                return replace(image, user=step.text)
            case "VOLUME":
                return replace(image, volumes=tuple(step.items()))
            case "ENTRYPOINT":
                return replace(image, entry_point=tuple(step.items()))
            case "CMD":
                return replace(image, command=tuple(step.items()))
            case "HEALTHCHECK":
                return replace(
                    image, health_check=tuple(json.loads(step.text.partition("CMD ")[2]))
                )
        return image

    def _run_inside(self, image: Image, command: str) -> None:
        root = image.root
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        mounts = [f"mount -t proc proc {root}/proc"]
        for path in self._binds:
            inside = root / str(path).lstrip("/")
            inside.mkdir(parents=True, exist_ok=True)
            mounts.append(f"mount --bind -o ro {path} {inside}")
        inside_pip = dict(self._pip)
        certificate = root / "run/pip-certificates.pem"
        if "PIP_CERT" in inside_pip:
            shutil.copy(inside_pip["PIP_CERT"], certificate)
            inside_pip["PIP_CERT"] = "/run/pip-certificates.pem"
        script = " && ".join([*mounts, f'exec chroot {root} /bin/sh -ec "$STEP"'])
        variables = {
            **image.environment, **inside_pip, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive",
            "STEP": f"cd {image.folder} && {command}",
        }  # fmt: skip
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
        _run([*isolated, "sh", "-ec", script], variables)
        certificate.unlink(missing_ok=True)

    def _copy(self, image: Image, step: Step) -> None:
        stage = copied_from(step)
        *sources, target = [part for part in step.items() if not part.startswith("--")]
        into = image.root / str(Path(image.folder) / target).lstrip("/")
        for source in sources:
            if stage is not None:
                place = self._built[stage].root / source.lstrip("/")
            else:
                place = self._context / source
            if place.is_dir():
                shutil.copytree(
                    place,
                    into,
                    symlinks=True,
                    dirs_exist_ok=True,
                    ignore=None if stage else shutil.ignore_patterns("__pycache__", "*.pyc"),
                )
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy2(place, into)


def machine_mirror() -> str:
    """The Debian mirror that apt uses here."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True
    ).stdout.split()
    if not said:
        raise SystemExit("error: apt has no source here; give --mirror")
    return said[0]


def pip_settings() -> tuple[dict[str, str], list[Path]]:
    """pip's settings on this machine as environment variables, and the folders that they name."""
    listed = subprocess.run(
        ["pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        kind, _, option = name.partition(".")
        if kind in ("global", "install", ":env:"):
            text = value.strip("'").encode().decode("unicode_escape")
            found[f"PIP_{option.upper().replace('-', '_')}"] = " ".join(text.split())
    words = " ".join(found.values()).split()
    folders = [
        Path(unquote(urlsplit(word).path)) for word in words if word.startswith(("file:///", "/"))
    ]
    # A folder "simple" links to the files beside it.
    folders = [folder.parent if folder.name == "simple" else folder for folder in folders]
    return found, [folder for folder in folders if folder.is_dir()]


def _run(command: list[str], variables: Mapping[str, str] | None = None) -> None:
    environment = None if variables is None else dict(variables)
    if subprocess.run(command, env=environment, stdout=sys.stderr).returncode != 0:
        raise SystemExit(f"error: failed: {' '.join(command)[:200]}")
