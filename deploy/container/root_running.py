"""An image's service, run as an engine would: without rights, from a read-only root."""

import os
import secrets
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from root_building import Image

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_STOP_S = 60
PIVOT_ROOT = "pivot_root"
"""What engines do: the root is the mount namespace's own, and a user can make namespaces in it."""
CHROOT = "chroot"
"""No namespace of users can be made from within one: as under an engine that forbids them."""


class Service:
    """A context manager; the service runs while it is open."""

    def __init__(
        self, image: Image, weights: Path | None, port: int, entered: str, model: str | None
    ) -> None:
        """`weights`: a file that others may read. `entered`: PIVOT_ROOT or CHROOT."""
        self._image = image
        self._weights = None if weights is None else weights.resolve()
        self._port = port
        self._entered = entered
        self._model = model
        self.token = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = image.root.with_name(f"{entered}.log")

    def __enter__(self) -> Self:
        root = self._image.root
        token = root / "run/secrets/darkwood-token"
        token.parent.mkdir(parents=True, exist_ok=True)
        token.write_text(self.token)
        token.chmod(0o444)
        if self._weights is not None:
            (root / "weights").mkdir(exist_ok=True)
            (root / "weights" / self._weights.name).touch()
        (root / "data/orders.csv").write_text("city,total\nOslo,1.5\nOslo,2\nBergen,4\n")
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*isolated, "sh", "-ec", self._script()],
                env=self._variables(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self._inside():
                os.kill(process, number)
            try:
                self._process.wait(_STOP_S)
                return
            except subprocess.TimeoutExpired:
                continue
        self._process.kill()

    @property
    def exit_status(self) -> int | None:
        """Of the first process; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def healthy(self) -> bool:
        """Whether the image's own health check passes, run inside."""
        inside = self._inside()
        if not inside:
            return False
        check = subprocess.run(
            ["nsenter", "--mount", "--pid", "--root", "--wd", f"--target={inside[0]}",
             *self._as_user(), *self._image.health_check],
            env=self._variables(),
            capture_output=True,
        )  # fmt: skip
        return check.returncode == 0

    def user(self) -> dict[str, str]:
        """What the kernel says of the service's process: its user, capabilities, root."""
        (process,) = self._inside()[:1]
        wanted = ("Uid", "Gid", "CapEff", "CapBnd", "NoNewPrivs")
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        found = dict(line.split(":\t", 1) for line in lines if line.split(":")[0] in wanted)
        mounts = Path(f"/proc/{process}/mountinfo").read_text().splitlines()
        root = [
            line.split()[5] for line in mounts if line.split()[4] in ("/", str(self._image.root))
        ]
        return found | {"root": root[-1].split(",")[0]}

    def log(self) -> str:
        """The end of what it said."""
        return self._log.read_text(errors="replace")[-4000:]

    def _inside(self) -> list[int]:
        """The first process of the service's own, as this machine numbers it."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        try:
            return [int(word) for word in children.read_text().split()]
        except FileNotFoundError:
            return []

    def _script(self) -> str:
        root = self._image.root
        binds = [f"mount --make-rprivate /; mount --bind {root} {root}"]
        writable = [root / volume.lstrip("/") for volume in self._image.volumes]
        binds += [f"mount --bind {folder} {folder}" for folder in writable]
        if self._weights is not None:
            binds.append(f"mount --bind -o ro {self._weights} {root}/weights/{self._weights.name}")
        binds += [
            f"mount -t proc proc {root}/proc",
            f"mount -t tmpfs -o mode=1777 tmpfs {root}/tmp",
            f"mount -t tmpfs -o mode=0755 tmpfs {root}/dev",
            f"mkdir -m 1777 {root}/dev/shm",
            *(
                f"touch {root}/dev/{name}; mount --bind /dev/{name} {root}/dev/{name}"
                for name in DEVICES
            ),
            f"mount -o remount,bind,ro {root}",
        ]
        command = shlex.join([*self._as_user(), *self._image.entry_point, *self._image.command])
        then = f"cd {self._image.folder} && exec {command}"
        if self._entered == CHROOT:
            enter = f"exec {shutil.which('chroot')} {root} /bin/sh -c {shlex.quote(then)}"
        else:
            pivot = f"cd {root} && {shutil.which('pivot_root')} . mnt"
            enter = f"{pivot} && umount -l /mnt && {then}"
        return " && ".join([*binds, enter])

    def _as_user(self) -> list[str]:
        uid, _, gid = self._image.user.partition(":")
        return [
            "setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all",
        ]  # fmt: skip

    def _variables(self) -> dict[str, str]:
        given = {"DARKWOOD_SERVE_PORT": str(self._port)}
        if self._model is not None:
            given |= {"DARKWOOD_SERVE_MODEL": self._model}
        if self._weights is not None:
            given |= {"DARKWOOD_WEIGHTS": "/weights"}
        return {**self._image.environment, **given}
