"""A PostgreSQL server of its own data folder, from Debian's package."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from free_port import free_port

USER, PASSWORD, DATABASE = "darkwood", "a password & more", "dagster"
_PROGRAMS = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl of the newest version; None where none is installed."""
    found = sorted(_PROGRAMS.glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


@contextmanager
def postgres_server() -> Iterator[dict[str, str]]:
    """The environment variables of deploy/ray/dagster.yaml that lead to it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    bin_ = programs()
    assert bin_ is not None, "install PostgreSQL (Debian: apt install postgresql)"
    # The server refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    (folder / "password").write_text(PASSWORD)
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres", "postgres")
    port = free_port()
    data = folder / "data"

    def run(*command: object) -> None:
        subprocess.run([*user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")

    login = [f"--username={USER}", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256"]
    run(bin_ / "initdb", f"--pgdata={data}", *login, "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(bin_ / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        subprocess.run(
            [bin_ / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, DATABASE],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True,
        )
        yield {
            "DAGSTER_PG_USERNAME": USER,
            "DAGSTER_PG_PASSWORD": PASSWORD,
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(port),
            "DAGSTER_PG_DB": DATABASE,
        }
    finally:
        run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)
