"""The chart's sinks: what they are comes from values, secrets only by name, and rights only where they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from firedoor.bootstrap import open_watch_plan
from tests.deploy.charting import CHART, RULES, SETS, SINKS, Manifest, one, ran, render, template

PAGE = CHART.parents[2] / "docs/howto/watch-sinks.md"


def refused(values: Manifest) -> str:
    """Return what helm says of values that it does not take."""
    done = ran("template", "firedoor", str(CHART), "--kube-version", "v1.36.3", values=values)
    assert done.returncode != 0
    return done.stderr


def sink(**fields: Any) -> Manifest:
    return {"watch": {**SINKS, "rules": {"sinks": [{"name": "soc", **fields}]}}}


def test_the_rules_are_a_file_that_watch_reads(tmp_path: Path) -> None:
    objects = render({"watch": SINKS})
    (tmp_path / "rules.yaml").write_text(one(objects, "ConfigMap", "watch")["data"]["rules.yaml"])
    plan = open_watch_plan(str(tmp_path / "rules.yaml"))
    assert [each.name for each in plan.sinks] == [each["name"] for each in RULES["sinks"]]
    assert [each.name for each in plan.rules] == ["opened"]
    assert plan.silences[0].until.startswith("2027-0")
    spec = one(objects, "Deployment", "watch")["spec"]["template"]["spec"]
    assert "--rules=/etc/firedoor/rules.yaml" in spec["containers"][0]["args"]
    by_name = {each["name"]: each for each in spec["volumes"]}
    mounts = {each["mountPath"]: by_name[each["name"]] for each in spec["containers"][0]["volumeMounts"]}
    assert mounts["/etc/firedoor"]["configMap"] == {"name": "firedoor-watch"}
    places = {each.secret.file or each.token.file for each in plan.sinks if each.secret and each.token}
    urls = {each.url.file for each in plan.sinks if each.url and each.url.file}
    for path in places | urls:
        folder, _, key = path.rpartition("/")
        assert mounts[folder]["secret"]["secretName"] == folder.rpartition("/")[2]
        assert key in {"token", "url"}


def test_secrets_come_by_reference_and_never_by_value() -> None:
    objects = render({"watch": SINKS})
    (container,) = one(objects, "Deployment", "watch")["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [
        {"name": "SOC_SECRET", "valueFrom": {"secretKeyRef": {"name": "soc", "key": "secret"}}},
    ]
    assert "envFrom" not in container
    assert "Secret\n" not in template({"watch": SINKS})


@pytest.mark.parametrize(
    "field",
    [
        {"type": "webhook", "url": "https://soc.example", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"},
        {"type": "ocsf", "url": "https://soc.example", "token": "t0ps3cret"},
        {"type": "slack", "url": "https://hooks.slack.example/services/T/B/x"},
        {"type": "teams", "url": "https://flows.example/x"},
        {"type": "webhook"},
        {"type": "pager"},
    ],
    ids=lambda each: f"{each['type']}-{'-'.join(each)}",
)
def test_a_secret_in_the_values_is_refused(field: Manifest) -> None:
    assert "rules" in refused(sink(**field))


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"token": {"env": "SOC_TOKEN"}}, "the token of the sink soc is in the variable SOC_TOKEN, which watch.env"),
        ({"token": {"file": "/run/secrets/firedoor/other/t"}}, "in the Secret other, which watch.secrets does not"),
        ({"ca": "/run/secrets/firedoor/other/ca.crt"}, "the ca of the sink soc is in the Secret other"),
    ],
)
def test_a_secret_that_the_pod_does_not_have_is_told(field: Manifest, said: str) -> None:
    assert said in refused(sink(type="webhook", url="https://soc.example", **field))


def test_it_may_write_only_what_its_sinks_write() -> None:
    fences = [yaml.safe_load(each.split("```")[0]) for each in PAGE.read_text().split("```yaml\n")[1:]]
    (role,) = (each for each in fences if each.get("kind") == "ClusterRole")
    by_group = {each["apiGroups"][0]: each for each in role["rules"]}
    types = {"kubernetes-events": "events.k8s.io", "policy-report": "wgpolicyk8s.io", "openreports": "openreports.io"}
    assert set(types.values()) == set(by_group)
    for kind, group in types.items():
        objects = render({"watch": {"rules": {"sinks": [{"name": "a", "type": kind}, {"name": "b", "type": kind}]}}})
        assert one(objects, "ClusterRole", "sinks")["rules"] == [by_group[group]]
        binding = one(objects, "ClusterRoleBinding", "sinks")
        assert [each["name"] for each in binding["subjects"]] == ["firedoor-watch"]
        assert binding["roleRef"]["name"] == "firedoor-sinks"
    every = one(render({"watch": SINKS}), "ClusterRole", "sinks")["rules"]
    assert sorted(every, key=str) == sorted(by_group.values(), key=str)
    without = {"watch": {"rules": {"sinks": [{"name": "a", "type": "webhook", "url": "https://soc.example"}]}}}
    for values in ({}, without, {"watch": {**SINKS, "enabled": False}}, {"watch": SINKS, "rbac": {"create": False}}):
        assert [each for each in render(values) if each["metadata"]["name"].endswith("-sinks")] == []


def test_nothing_is_written_anywhere_but_where_it_is_asked_for() -> None:
    reading = {"get", "list", "watch"}
    for name, values in SETS.items():
        roles = [each for each in render(values) if each["kind"] in {"ClusterRole", "Role"}]
        found = {each["metadata"]["name"].rpartition("-")[2] for each in roles if not _verbs(each) <= reading}
        watch = values.get("watch", {})
        expected = {
            "sinks": bool(watch.get("rules")),
            "resources": bool(watch.get("customResources", {}).get("enabled")),
            "watch": watch.get("replicas", 1) > 1,
        }
        assert found == {part for part, is_so in expected.items() if is_so}, name


def _verbs(role: Manifest) -> set[str]:
    return {verb for rule in role["rules"] for verb in rule["verbs"]}


def test_another_rule_is_another_pod() -> None:
    def mark(values: Manifest) -> str:
        template = one(render(values), "Deployment", "watch")["spec"]["template"]
        return str(template["metadata"].get("annotations", {}).get("checksum/rules", ""))

    marks = [mark({}), mark({"watch": SINKS}), mark({"watch": {**SINKS, "rules": {**RULES, "silences": []}}})]
    assert marks[0] == ""
    assert len(set(marks)) == 3
