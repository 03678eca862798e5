"""What a server may be started with."""

from pathlib import Path

import pytest

from darkwood_bench.copilot.settings import (
    CopilotSettings,
    SettingsError,
    is_loopback,
    settings_from_environment,
)

TOKEN = "a-token-that-is-long-enough"


def test_an_address_that_others_reach_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0 can be reached.*no token"):
        CopilotSettings(host="0.0.0.0").check()
    CopilotSettings(host="0.0.0.0", token=TOKEN).check()
    file = tmp_path / "tokens"
    file.write_text(f"{TOKEN}\n\nanother-token-just-as-long\n")
    settings = CopilotSettings(host="0.0.0.0", token_file=file)
    settings.check()
    assert settings.tokens == (TOKEN, "another-token-just-as-long")


@pytest.mark.parametrize("text", ["", "\n", "short\n"])
def test_a_token_file_without_a_good_token_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(text)
    with pytest.raises(SettingsError, match="token"):
        CopilotSettings(token_file=file).check()


@pytest.mark.parametrize(
    ("host", "own"),
    [
        *((host, True) for host in ("127.0.0.1", "::1", "[::1]", "localhost", "127.8.8.8")),
        *((host, False) for host in ("0.0.0.0", "10.0.0.1", "example.com", "")),
    ],
)
def test_which_addresses_are_this_machines_own(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_the_environment_and_what_is_given_instead(tmp_path: Path) -> None:
    environment = {
        "DARKWOOD_SERVE_PORT": "9000",
        "DARKWOOD_SERVE_EXECUTE": "1",
        "DARKWOOD_SERVE_DATA": f"{tmp_path}:/other",
        "DARKWOOD_SERVE_TOKEN": TOKEN,
        "DARKWOOD_SERVE_CONTEXT": "2048",
        "DARKWOOD_SERVE_ALLOW_HOST": "a.example, b.example",
    }
    found = settings_from_environment(environment, port=None, timeout_s=5.0, data=())
    assert (found.port, found.execute, found.context, found.timeout_s) == (9000, True, 2048, 5.0)
    assert found.data == (tmp_path, Path("/other"))
    assert found.tokens == (TOKEN,)
    assert found.allow_host == ("a.example", "b.example")
    assert settings_from_environment(environment, port=1).port == 1


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "x"), ("EXECUTE", "maybe"), ("MODE", "fast"), ("CONTEXT", "much")]
)
def test_values_that_are_none_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"DARKWOOD_SERVE_{name}"):
        settings_from_environment({f"DARKWOOD_SERVE_{name}": value})
