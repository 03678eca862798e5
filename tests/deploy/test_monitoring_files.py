"""The dashboard and the alert rules ask for what the copilot exports, and Prometheus takes them."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.sandbox.execution import Status
from darkwood_bench.settings import PROJECT

DEPLOY = PROJECT / "deploy"
DASHBOARD = DEPLOY / "grafana" / "darkwood-copilot.json"
RULES = DEPLOY / "prometheus" / "darkwood.rules.yaml"
SCRAPED_BY = {"job", "instance"}
"""Labels that Prometheus adds."""
SELECTED = re.compile(r"\b([a-z_]+)\{([^}]*)\}")
NAMED = re.compile(r"\b(?:darkwood|process|python)_[a-z0-9_]+")
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}


def exported() -> dict[str, set[str]]:
    """The names that a scrape has, with their labels."""
    monitoring = Monitoring()
    found: dict[str, set[str]] = {}
    for family in monitoring.registry.collect():
        for suffix in SUFFIXES[family.type]:
            found[family.name + suffix] = {"le"} if suffix == "_bucket" else set()
    for metric in vars(monitoring).values():
        names = getattr(metric, "_labelnames", ())  # the library has no public way to ask
        for name in found:
            if name.startswith(getattr(metric, "_name", "\0")):
                found[name] |= set(names)
    return found


def panels() -> list[dict[str, Any]]:
    return json.loads(DASHBOARD.read_text())["panels"]


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return group["rules"]


def dashboard_expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel.get("targets", [])]


def expressions() -> list[str]:
    return dashboard_expressions() + [rule["expr"] for rule in rules()]


def test_what_is_asked_for_is_exported() -> None:
    names = exported()
    asked = {name for text in expressions() for name in NAMED.findall(text)}
    assert asked
    assert asked - names.keys() == set()
    own = {name for name in names if name.startswith("darkwood_")}
    unseen = {name for name in own - asked if not name.endswith(("_sum", "_count", "_bucket"))}
    assert unseen == set(), "exported, and on no panel"


def test_labels_that_are_asked_for_are_there() -> None:
    names = exported()
    for text in expressions():
        for name, inner in SELECTED.findall(text):
            labels = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", inner))
            known = names.get(name, set()) | SCRAPED_BY
            assert labels <= known, (name, labels - known)


def test_statuses_that_alerts_watch_are_ways_to_end() -> None:
    watched = {
        status
        for text in expressions()
        for found in re.findall(r'executions_total\{[^}]*status=~"([^"]+)"', text)
        for status in found.split("|")
    }
    assert watched
    assert watched <= set(get_args(Status))


def test_panels_say_what_they_show_and_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    shown = [panel for panel in panels() if panel["type"] != "row"]
    for panel in shown:
        assert panel["description"].endswith("."), panel["title"]
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)


def test_alerts_say_who_is_woken_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "description"} <= rule["annotations"].keys()
        assert "{{ $labels.instance }}" in rule["annotations"]["summary"]


def promtool(*arguments: str | Path) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_prometheus_takes_the_rules_and_they_fire_when_they_should() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)
    test = RULES.with_name("darkwood.rules.test.yaml")
    assert "SUCCESS" in promtool("test", "rules", test)
    tested = {
        one["alertname"]
        for part in yaml.safe_load(test.read_text())["tests"]
        for one in part.get("alert_rule_test", [])
        if one["exp_alerts"]
    }
    assert tested == {rule["alert"] for rule in rules()}


def test_prometheus_takes_what_the_dashboard_asks(tmp_path: Path) -> None:
    filled = [
        text.replace("$__rate_interval", "5m").replace("$__range", "1h")
        for text in dashboard_expressions()
    ]
    assert not any("$_" in text for text in filled)
    recorded = [{"record": f"panel:{n}", "expr": text} for n, text in enumerate(filled)]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    assert f"{len(filled)} rules found" in promtool("check", "rules", file)


def test_prometheus_takes_the_sample_configuration(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a token")
    text = RULES.with_name("prometheus.yaml").read_text()
    assert "/etc/prometheus/darkwood-token" in text
    (tmp_path / RULES.name).write_text(RULES.read_text())
    config = tmp_path / "prometheus.yaml"
    config.write_text(text.replace("/etc/prometheus/darkwood-token", str(token)))
    assert "SUCCESS" in promtool("check", "config", config)
