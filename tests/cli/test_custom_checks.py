"""Checks of one's own: what the how-to says, run as it stands there."""

from __future__ import annotations

import csv
import re
import sys
import tomllib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.cli.command import ROOT, Ran, firedoor, process
from tests.fake_api_server import FakeAPIServer

PAGE = (ROOT / "docs/howto/custom-checks.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (.*?) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))
CHECK = """\
custom-checks:
  - id: custom/replicas
    severity: high
    title: Too few replicas
    why: one node takes it down
    fix: set replicas to 2
    match: {kinds: {apiVersion: apps/v1, kind: Deployment}}
    expression: EXPRESSION
"""
WEB = EXAMPLES["web.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in EXAMPLES.items():
        if not name.startswith("firedoor "):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder is where packages are installed, and nothing of them is left afterwards."""
    monkeypatch.syspath_prepend(str(folder))
    yield
    sys.modules.pop("acme_checks", None)


def installed(folder: Path, name: str = "acme") -> Path:
    """Put the package of the how-to on a path, with what an installer writes of its pyproject.toml."""
    project = tomllib.loads(EXAMPLES["pyproject.toml"])["project"]
    info = folder / f"{name}_checks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-checks\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in each.items()) for group, each in groups]
    (info / "entry_points.txt").write_text("".join(lines))
    return folder


def with_expression(folder: Path, expression: str) -> Ran:
    (folder / "c.yaml").write_text(CHECK.replace("EXPRESSION", expression), encoding="utf-8")
    return firedoor("diagnose", "web.yaml", "--config", "c.yaml", "-o", "json", cwd=folder)


def test_the_expressions_of_the_how_to_find_what_it_says(folder: Path) -> None:
    ran = firedoor("diagnose", "web.yaml", "-o", "csv", cwd=folder)
    rows = list(csv.DictReader(StringIO(ran.out)))
    found = [f"{each['severity']},{each['check']}" for each in rows if each["check"].startswith("custom/")]
    assert found == EXAMPLES["firedoor diagnose web.yaml -o csv"].splitlines()
    messages = {each["check"]: each["message"] for each in rows}
    assert messages["custom/team-label"] == "nobody owns web"
    assert messages["custom/memory-limit"] == "a container may take more than 1 GiB"
    assert messages["custom/own-registry"].startswith("Deployment shop/web does not meet: object.spec.template")


def test_what_is_mended_is_found_no_more(folder: Path) -> None:
    good = WEB.replace("app: web}}\nspec", "app: web, team: a}}\nspec")
    good = good.replace("docker.", "registry.").replace("2Gi", "1Gi")
    (folder / "web.yaml").write_text(good, encoding="utf-8")
    assert "custom/" not in firedoor("diagnose", "web.yaml", "-o", "csv", cwd=folder).out


def test_custom_checks_are_excepted_graded_disabled_and_kept_in_a_baseline_as_others(folder: Path) -> None:
    extra = """
ignore: [{check: custom/team-label, reason: known}]
severity: {custom/own-registry: low}
disable: [{check: custom/memory-limit, reason: later}]
"""
    (folder / ".firedoor.yaml").write_text(EXAMPLES[".firedoor.yaml"] + extra, encoding="utf-8")
    document = firedoor("diagnose", "web.yaml", "-o", "json", cwd=folder).document
    assert [each["severity"] for each in document["findings"] if each["check"].startswith("custom/")] == ["low"]
    assert [each["check"] for each in document["suppressed"]] == ["custom/team-label"]
    firedoor("diagnose", "web.yaml", "--write-baseline", "b.json", cwd=folder)
    again = firedoor("diagnose", "web.yaml", "--baseline", "b.json", "--new-only", "-o", "json", cwd=folder).document
    assert again["findings"] == []


def test_an_annotation_may_name_a_custom_check(folder: Path) -> None:
    noted = WEB.replace("labels: {app: web}}\nspec", 'annotations: {firedoor.dev/ignore: "custom/team-label=x"}}\nspec')
    (folder / "web.yaml").write_text(noted, encoding="utf-8")
    document = firedoor("diagnose", "web.yaml", "-o", "json", cwd=folder).document
    assert [each["check"] for each in document["suppressed"]] == ["custom/team-label"]
    assert document["gaps"] == []


def test_sarif_has_the_rule_of_a_custom_check(folder: Path) -> None:
    text = firedoor("diagnose", "web.yaml", "-o", "sarif", cwd=folder).out
    assert '"id":"custom/team-label"' in text.replace(" ", "")


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("object.spec.nothing == 1", 'Key not found in map : "nothing"'),
        ("object.metadata.name", "it gives string, expected true or false"),
        ("object.metadata.labels.app > 1", "No matching overloads found"),
        ("9223372036854775807 + int(object.spec.template.spec.containers.size()) > 0", "integer overflow"),
    ],
)
def test_what_cannot_be_evaluated_is_a_gap_and_no_pass(folder: Path, expression: str, problem: str) -> None:
    document = with_expression(folder, expression).document
    (gap,) = document["gaps"]
    assert problem in gap["reason"]
    assert gap["reason"].startswith("Deployment shop/web: custom/replicas could not be evaluated: ")
    assert gap["source"] == "web.yaml:1"
    assert firedoor("diagnose", "web.yaml", "--config", "c.yaml", "--fail-on", "gaps", cwd=folder).code != 0


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("object.", "expression of custom/replicas is no CEL expression over object, namespaceObject and params: 1:8"),
        ("request.userInfo == 'x'", "undeclared reference to 'request"),
        ("size(object)", "it gives int, expected true or false"),
    ],
)
def test_what_is_no_expression_stops_with_file_and_line(folder: Path, expression: str, problem: str) -> None:
    for ran in (with_expression(folder, expression), firedoor("config", "check", "c.yaml", cwd=folder)):
        assert ran.code == 2
        assert ran.error.startswith("c.yaml:8: expression of custom/replicas")
        assert problem in ran.error


def test_config_check_counts_what_compiles(folder: Path) -> None:
    assert "custom checks: 3; plugins: none" in firedoor("config", "check", cwd=folder).out


def test_contents_of_secrets_are_not_seen(folder: Path) -> None:
    (folder / "web.yaml").write_text(
        """\
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data": {"a": "aHVudGVyMg=="}}', team: x}
data: {a: aHVudGVyMg==}
stringData: {b: hunter2}
""",
        encoding="utf-8",
    )
    text = CHECK.replace("apps/v1, kind: Deployment", "v1, kind: Secret").replace("EXPRESSION", "object.size() == 0")
    (folder / "c.yaml").write_text(
        f"{text}    messageExpression: object.map(k, k + string(object.metadata.annotations.size())).join()\n"
    )
    document = firedoor("diagnose", "web.yaml", "--config", "c.yaml", "-o", "json", cwd=folder).document
    (message,) = [each["message"] for each in document["findings"] if each["check"] == "custom/replicas"]
    assert sorted(re.findall("[A-Za-z]+1", message)) == ["apiVersion1", "kind1", "metadata1"]


def test_a_saved_snapshot_makes_custom_checks_a_gap(folder: Path) -> None:
    firedoor("snapshot", "save", "s.fds", "web.yaml", cwd=folder)
    document = firedoor("diagnose", "s.fds", "-o", "json", cwd=folder).document
    (gap,) = document["gaps"]
    assert "custom checks are not made" in gap["reason"]


def test_objects_of_a_live_cluster_are_seen_as_it_serves_them(tmp_path: Path) -> None:
    text = CHECK.replace(
        "{apiVersion: apps/v1, kind: Deployment}", "[{apiVersion: v1, kind: Pod}, {apiVersion: v1, kind: Secret}]"
    )
    expression = "object.kind == 'Pod' && namespaceObject.metadata.name == object.metadata.namespace && false"
    (tmp_path / "c.yaml").write_text(text.replace("EXPRESSION", expression), encoding="utf-8")
    with FakeAPIServer(small_cluster()) as server:
        config = write_kubeconfig(tmp_path, server.url)
        arguments = ("--config", str(tmp_path / "c.yaml"), "--kubeconfig", config)
        document = firedoor("diagnose", *arguments, "-o", "json").document
    found = [each for each in document["findings"] if each["check"] == "custom/replicas"]
    assert found
    assert all(each["source"].startswith("/api/v1/namespaces/") for each in found)
    assert any("objects v1 Secret are not read from a live cluster" in each["reason"] for each in document["gaps"])


def test_the_plugin_of_the_how_to_is_listed_as_it_says(folder: Path) -> None:
    path = f"{installed(folder)}:{ROOT / 'src'}"
    ran = process("checks", "list", "--config", "plugins.yaml", cwd=folder, PYTHONPATH=path)
    (row,) = [line for line in ran.out.splitlines() if line.startswith("acme/")]
    assert row.split() == EXAMPLES["firedoor checks list --config plugins.yaml"].split()


def test_the_plugin_of_the_how_to_finds_what_it_should_only_where_it_is_named(folder: Path, on_path: None) -> None:
    installed(folder)
    (folder / "none.yaml").write_text("")
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: lb, namespace: shop}\nspec: {type: LoadBalancer}\n"
    (folder / "svc.yaml").write_text(service, encoding="utf-8")
    found = {}
    for config in ("plugins.yaml", "none.yaml"):
        document = firedoor("diagnose", "svc.yaml", "--config", config, "-o", "json", cwd=folder).document
        found[config] = [each["message"] for each in document["findings"] if each["check"].startswith("acme/")]
    assert found == {"plugins.yaml": ["Service shop/lb has a load balancer of its own"], "none.yaml": []}
    assert "acme/" not in firedoor("checks", "--config", "none.yaml", cwd=folder).out
    one = firedoor("checks", "acme/own-load-balancer", "--config", "plugins.yaml", cwd=folder).out
    assert one.startswith("acme/own-load-balancer: Services with a load balancer of their own (low, from plugin acme")


def test_a_plugin_that_is_not_installed_is_told_by_its_name(folder: Path) -> None:
    error = firedoor("diagnose", "web.yaml", "--config", "plugins.yaml", cwd=folder).error
    assert error.startswith("plugins.yaml:1: the plugin acme is not installed")


def test_a_plugin_that_raises_is_told_by_its_name(folder: Path, on_path: None) -> None:
    source = EXAMPLES["acme_checks.py"].replace("for service in", "raise ValueError('bro\\nken')\n    for service in")
    (folder / "acme_checks.py").write_text(source, encoding="utf-8")
    installed(folder)
    ran = firedoor("diagnose", "web.yaml", "--config", "plugins.yaml", cwd=folder)
    assert ran.code == 2
    assert (
        "the plugin acme (acme-checks 1.0) failed in its check acme/own-load-balancer: ValueError: bro ken" in ran.error
    )


def test_the_word_list_lists_the_checks() -> None:
    assert firedoor("checks", "list").out == firedoor("checks").out
