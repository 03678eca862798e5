"""What the service may do and use, from the command line or the environment."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

PREFIX = "DARKWOOD_SERVE_"
MEGABYTE = 1_000_000


class SettingsError(ValueError):
    """A setting cannot be used; the message names it and the fix."""


@dataclass(frozen=True)
class CopilotSettings:
    """The fields are `darkwood serve`'s options, and environment variables: DARKWOOD_SERVE_PORT."""

    host: str = "127.0.0.1"
    port: int = 8000
    model: str | None = None
    """None: with `variant`, the best system of the leaderboard that can be served."""
    variant: str | None = None
    mode: Literal["sequential", "batched"] = "sequential"
    """batched: several answers at once, in slots that each need the context's memory."""
    context: int | None = None
    """Tokens of prompt and answer; None: as the model's entry says."""
    data: tuple[Path, ...] = ()
    """Folders whose files may be named in requests; in the environment parted by ':'."""
    token_file: Path | None = None
    """One token a line."""
    token: str | None = None
    """As DARKWOOD_SERVE_TOKEN has it."""
    allow_host: tuple[str, ...] = ()
    """Further names that the server may be called by; in the environment parted by ','."""
    execute: bool = False
    """Whether POST /v1/execute is there."""
    mcp: bool = False
    """Whether assistants find the tools at /mcp."""
    log_questions: bool = False
    timeout_s: float = 120.0
    """For one request: waiting, generating and verifying."""
    queue: int = 64
    """Requests at most that wait for the model; more are refused with 429."""
    max_body_mb: float = 1.0
    max_upload_mb: float = 64.0
    """Of one file, sent or below a data folder, that code is run over."""
    max_tables_mb: float = 256.0
    """Of files that are held for all programs that run at once, and so of one question's."""
    max_uploads: int = 32
    upload_expires_s: float = 3600.0
    """After its last use."""
    min_isolation: str = "L1"
    """With less than this no code is run, and no answer verified."""
    stop_s: float = 30.0
    """That requests under way have to finish once the server is told to stop."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every bearer token that is accepted. Raises SettingsError for a file that has none."""
        found = [self.token] if self.token else []
        if self.token_file is not None:
            try:
                lines = self.token_file.read_text().split("\n")
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"token-file: {self.token_file}: cannot be read") from error
            found += [line.strip() for line in lines if line.strip()]
            if not found:
                raise SettingsError(f"token-file: {self.token_file} is empty; put a token in it")
        if any(len(token) < 16 for token in found):
            raise SettingsError(
                "token: shorter than 16 characters can be guessed; make one with "
                "`python -c 'import secrets; print(secrets.token_urlsafe())'`"
            )
        return tuple(found)

    def check(self) -> None:
        """Raises SettingsError for settings that are not safe, or make no sense."""
        for name in ("timeout_s", "queue", "max_body_mb", "max_upload_mb", "max_uploads"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name}: must be more than 0")
        if self.max_tables_mb < self.max_upload_mb:
            raise SettingsError(
                f"max_tables_mb: {self.max_tables_mb:g} has no room for an upload of "
                f"{self.max_upload_mb:g} MB"
            )
        if not self.tokens and not is_loopback(self.host):
            raise SettingsError(without_token(self.host))
        for folder in self.data:
            if not folder.is_dir():
                raise SettingsError(f"data: {folder} is no folder")


def without_token(host: str) -> str:
    """Why a server does not start there."""
    return (
        f"host: {host} can be reached from other machines, and there is no token; "
        f"set {PREFIX}TOKEN or {PREFIX}TOKEN_FILE (--token-file), or bind to 127.0.0.1"
    )


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which no other can reach."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def settings_from_environment(
    environment: Mapping[str, str] | None = None, **given: Any
) -> CopilotSettings:
    """Settings as DARKWOOD_SERVE_* say, with what is `given` and not None in their place.

    Raises SettingsError for a value that is none of its field.
    """
    environment = os.environ if environment is None else environment
    settings = CopilotSettings()
    found = {
        field.name: _read(field.name, text, getattr(settings, field.name))
        for field in fields(CopilotSettings)
        if (text := environment.get(PREFIX + field.name.upper(), "").strip())
    }
    given = {name: value for name, value in given.items() if value not in (None, ())}
    return replace(settings, **(found | given))


def _read(name: str, text: str, default: Any) -> Any:
    if name == "data":
        return tuple(Path(part) for part in text.split(os.pathsep) if part)
    if name == "allow_host":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name == "token_file":
        return Path(text)
    if name == "mode" and text not in ("sequential", "batched"):
        raise SettingsError(f"{PREFIX}MODE: {text!r} is neither sequential nor batched")
    if isinstance(default, bool):
        if text.lower() not in ("0", "1", "true", "false"):
            raise SettingsError(f"{PREFIX}{name.upper()}: {text!r} is neither 0 nor 1")
        return text.lower() in ("1", "true")
    kind = int if name == "context" else type(default) if default is not None else str
    try:
        return kind(text)
    except ValueError:
        raise SettingsError(f"{PREFIX}{name.upper()}: {text!r} is no number") from None
