"""What the container file promises, read off it; its steps are run by try_in_root.py."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from containerfile import ContainerfileError, Stage, copied_from, environment, needed, parse

from darkwood_bench.copilot.settings import settings_from_environment
from darkwood_bench.settings import PROJECT

CONTAINER = PROJECT / "deploy" / "container"
TEXT = (CONTAINER / "Containerfile").read_text()
TARGETS = ("cpu", "cuda")


def stages(target: str) -> list[Stage]:
    return needed(parse(TEXT), target)


def settings(target: str, word: str) -> list[str]:
    """What the target's own stages say, the last one last; stages copied from do not count."""
    by_name = {stage.name: stage for stage in stages(target)}
    line, name = [], target
    while name in by_name:
        line.insert(0, by_name[name])
        name = by_name[name].parent
    return [step.text for stage in line for step in stage.steps if step.word == word]


@pytest.mark.parametrize("target", TARGETS)
def test_the_service_has_no_rights_and_a_health_check(target: str) -> None:
    assert settings(target, "USER")[-1] == "10001:10001"
    assert "/readyz" in settings(target, "HEALTHCHECK")[-1]
    assert settings(target, "ENTRYPOINT") == ['["tini", "--", "darkwood"]']
    assert settings(target, "CMD") == ['["serve"]']


@pytest.mark.parametrize("target", TARGETS)
def test_its_environment_is_one_that_the_service_takes(target: str, tmp_path: Path) -> None:
    variables = {
        name: value
        for text in settings(target, "ENV")
        for name, value in environment(parse(f"FROM a AS b\nENV {text}")[0].steps[0]).items()
    }
    token = tmp_path / "token"
    token.write_text("a-token-of-sixteen-characters")
    variables |= {"DARKWOOD_SERVE_TOKEN_FILE": str(token), "DARKWOOD_SERVE_DATA": str(tmp_path)}
    found = settings_from_environment(variables)
    found.check()
    assert (found.host, found.port) == ("0.0.0.0", 8000)


def test_every_base_is_pinned() -> None:
    own = {stage.name for stage in parse(TEXT)}
    outside = {stage.parent for stage in parse(TEXT)} - own
    assert outside
    for image in outside:
        assert re.search(r":[a-z]+-\d{8}-slim$", image), image
    assert all("-c constraints.txt" in line for line in TEXT.splitlines() if "pip install" in line)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied: set[str] = set()
    for stage in parse(TEXT):
        for step in stage.steps:
            if step.word == "COPY" and copied_from(step) is None:
                copied |= set(step.items()[:-1])
    assert copied == kept
    for name in copied:
        assert (PROJECT / name).exists(), name


def test_only_the_gpu_variant_has_torch() -> None:
    def installed(target: str) -> str:
        return " ".join(step.text for stage in stages(target) for step in stage.steps)

    assert "transformers" in installed("cuda")
    assert "transformers" not in installed("cpu")


def test_the_image_of_a_cluster_has_every_extra_that_its_machines_want() -> None:
    steps = [step.text for stage in stages("cluster") for step in stage.steps]
    (installed,) = (text for text in steps if "pip install" in text and " -e " in text)
    extras = re.findall(r'"\.\[(.*?)\]"', installed)[0].split(",")
    assert set(extras) >= {"ray", "k8s", "postgres", "s3", "transformers"}
    offered = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert set(extras) <= set(offered["optional-dependencies"])
    assert any("wget" in text for text in steps)


def test_the_image_of_a_cluster_runs_what_it_is_told_as_a_user_without_rights() -> None:
    # Dagster's chart gives arguments and no command: they are a program and its options.
    assert settings("cluster", "ENTRYPOINT") == ['["tini", "--"]']
    assert settings("cluster", "USER") == ["10001:10001"]
    pod = yaml.safe_load((PROJECT / "deploy" / "k8s" / "gpu-run-pod.yaml").read_text())["spec"]
    assert pod["securityContext"]["runAsUser"] == 10001
    (environment_of_pod,) = (container["env"] for container in pod["containers"])
    there = environment(parse(f"FROM a AS b\nENV {settings('cluster', 'ENV')[0]}")[0].steps[0])
    assert {each["name"]: each["value"] for each in environment_of_pod}.items() <= there.items()


def test_the_compose_file_builds_it_and_takes_its_rights_away() -> None:
    composed = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    service = composed["services"]["copilot"]
    build = service["build"]
    context = (CONTAINER / build["context"]).resolve()
    assert context == PROJECT.resolve()
    assert (context / build["dockerfile"]).is_file()
    assert build["target"] in TARGETS
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    volumes = {volume.split(":")[1] for volume in service["volumes"]}
    assert set(re.findall(r'"([^"]+)"', settings("cpu", "VOLUME")[0])) <= volumes


def test_what_is_not_understood_is_said() -> None:
    with pytest.raises(ContainerfileError, match="SHELL is not known"):
        parse('FROM a AS b\nSHELL ["bash"]')
    with pytest.raises(ContainerfileError, match="no ARG NAME"):
        parse("FROM ${NAME} AS b")
    with pytest.raises(ContainerfileError, match="no stage 'c'"):
        needed(parse("FROM a AS b"), "c")


def test_lines_go_on_and_comments_do_not() -> None:
    (stage,) = parse("ARG V=1\nFROM x:${V} AS s\n# a\nRUN one \\\n  # b\n  && two\n", {"V": "2"})
    assert stage == Stage("s", "x:2", [stage.steps[0]])
    assert stage.steps[0].text == "one && two"
