"""What the launchpad offers is what the command line offers."""

import inspect

import pytest
from typer.testing import CliRunner

from darkwood_bench.assets.slices import RunConfig, RunConfigError
from darkwood_bench.cli import app
from darkwood_bench.commands.run import run
from darkwood_bench.harness import Budgets


def test_every_flag_of_a_run_is_in_the_launchpad_with_the_same_default() -> None:
    elsewhere = {"model", "variant", "suite", "as_json", "allow_unisolated", "launch"}
    flags = {
        name: parameter.default
        for name, parameter in inspect.signature(run).parameters.items()
        if name not in elsewhere
    }
    fields = RunConfig.model_fields
    assert fields.keys() - flags.keys() == {"suites", "regeneration"}
    assert flags.keys() <= fields.keys()
    # A click in the UI asks the quick slice, a command everything.
    different = {name for name in flags if flags[name] != fields[name].default}
    assert different == {"quick"}
    assert all(field.description for field in fields.values())


def test_sizes_become_budgets() -> None:
    assert RunConfig().budgets == Budgets()
    config = RunConfig(max_ram="6GB", max_vram="1GiB", max_seconds=30)
    assert config.budgets == Budgets(6 * 10**9, 1 << 30, 30.0)


@pytest.mark.parametrize("wrong", [{"max_ram": "much"}, {"mode": "both"}, {"repeats": 0}])
def test_what_makes_no_sense_is_refused_before_anything_runs(wrong: dict[str, object]) -> None:
    with pytest.raises(RunConfigError, match=next(iter(wrong))):
        RunConfig(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--max-ram", "much"], "write 6GB, 512MB or 4GiB"),
        (["--mode", "both"], "sequential"),
        (["--repeats", "0"], "--repeats"),
    ],
)
def test_and_so_it_is_on_the_command_line(flags: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["run", *flags], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert said in result.output
