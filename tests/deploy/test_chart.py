"""The chart: what it renders is free of findings, may read what the page says, and runs what the command line knows."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
import yaml

from firedoor import __version__
from firedoor.cli.main import cli
from tests.cli.command import firedoor
from tests.deploy.charting import (
    AUTHORITY,
    BUNDLE,
    CHART,
    EVERYTHING,
    GOLDMANE,
    SETS,
    Manifest,
    one,
    ran,
    render,
    template,
)

PAGE = CHART.parents[2] / "docs/howto/live-cluster.md"
DEPLOYMENTS = [
    ("watch", {}),
    ("watch", EVERYTHING),
    ("watch", {"flows": {"goldmane": GOLDMANE}}),
    ("admission", {}),
    ("admission", EVERYTHING),
    ("admission", SETS["used"]),
]


@pytest.mark.parametrize("values", SETS.values(), ids=SETS.keys())
def test_it_is_free_of_findings_and_every_field_is_known(values: Manifest) -> None:
    text = template(values).encode()
    found = firedoor("diagnose", "-o", "json", "-", stdin=text).document
    assert (found["findings"], found["gaps"]) == ([], [])
    coverage = found["summary"]["coverage"]
    assert coverage["isolatedBoth"] == coverage["pods"] > 0
    risks = firedoor("rbac", "risks", "-o", "json", "-", stdin=text).document
    assert (risks["findings"], risks["gaps"]) == ([], [])


def test_a_field_that_is_not_known_would_be_told() -> None:
    text = template({}).replace("readOnlyRootFilesystem:", "readOnlyRootFileSystem:").encode()
    assert firedoor("diagnose", "-o", "json", "-", stdin=text).document["gaps"]


@pytest.mark.parametrize("values", SETS.values(), ids=SETS.keys())
def test_helm_lint_has_nothing_to_say(values: Manifest) -> None:
    done = ran("lint", "--strict", str(CHART), "--kube-version", "v1.36.3", values=values)
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout
    assert "[ERROR]" not in done.stdout


@pytest.mark.parametrize(("part", "values"), DEPLOYMENTS)
def test_pods_can_do_nothing_that_they_need_not(part: str, values: Manifest) -> None:
    spec = one(render(values), "Deployment", part)["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert (spec["securityContext"]["runAsUser"], spec["securityContext"]["runAsGroup"]) == (65532, 65532)
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    has_flows = bool(values.get("admission", {}).get("flows"))
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} == set(container["resources"])
        writable = [each["mountPath"] for each in container["volumeMounts"] if not each.get("readOnly")]
        assert writable == (["/var/lib/firedoor"] if part == "watch" or has_flows else [])
    container, *others = spec["containers"]
    assert [each["name"] for each in others] == (["flows"] if part == "admission" and has_flows else [])
    paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert set(ports) - {"otlp"} == {container["readinessProbe"]["httpGet"]["port"]}
    secrets = [each["secret"]["defaultMode"] for each in spec["volumes"] if "secret" in each]
    assert set(secrets) <= {0o440}


@pytest.mark.parametrize(("part", "values"), DEPLOYMENTS)
def test_the_command_line_takes_the_arguments(part: str, values: Manifest) -> None:
    containers = one(render(values), "Deployment", part)["spec"]["template"]["spec"]["containers"]
    for container in containers:
        command: click.Command | None = cli
        rest: list[str] = container["args"]
        while isinstance(command, click.Group):
            command, rest = command.get_command(click.Context(command), rest[0]), rest[1:]
        assert command is not None
        known = {option for each in command.params for option in each.opts}
        assert {each.partition("=")[0] for each in rest} <= known
        choices = {each.opts[-1]: each.type for each in command.params if isinstance(each.type, click.Choice)}
        assert all(
            value in choices[name].choices
            for name, _, value in (each.partition("=") for each in rest)
            if name in choices
        )
        given = [each.partition("=")[2] for each in rest]
        places = [each["mountPath"] for each in container["volumeMounts"]]
        assert all(any(path.startswith(f"{place}/") for place in places) for path in given if path.startswith("/"))
    port = containers[0]["ports"][0]["containerPort"]
    assert [each for each in containers[0]["args"] if each.endswith(f"=0.0.0.0:{port}")]


def test_flows_are_taken_from_those_who_may_send_them_and_only_where_that_is_asked_for() -> None:
    asked = {"networkPolicy": EVERYTHING["networkPolicy"], "watch": {"flows": {"otlp": {"enabled": True}}}}
    for values, is_asked in (({"networkPolicy": EVERYTHING["networkPolicy"]}, False), (asked, True)):
        objects = render(values)
        (container,) = one(objects, "Deployment", "watch")["spec"]["template"]["spec"]["containers"]
        assert ("--flows-otlp=0.0.0.0:4318" in container["args"]) is is_asked
        ports = [each["name"] for each in one(objects, "Service", "watch")["spec"]["ports"]]
        assert ports == (["metrics", "otlp"] if is_asked else ["metrics"])
        ingress = one(objects, "NetworkPolicy", "watch")["spec"].get("ingress", [])
        assert [each["ports"][0]["port"] for each in ingress] == (["otlp"] if is_asked else [])


def test_it_may_read_what_the_page_says_and_nothing_else() -> None:
    fences = [yaml.safe_load(each.split("```")[0]) for each in PAGE.read_text().split("```yaml\n")[1:]]
    needed, *optional = fences
    objects = render({})
    assert one(objects, "ClusterRole")["rules"] == [
        {**each, "verbs": ["get", "list", "watch"]} for each in needed["rules"]
    ]
    assert [each for each in objects if each["kind"] in {"Role", "RoleBinding"}] == []
    subjects = one(objects, "ClusterRoleBinding")["subjects"]
    assert {each["name"] for each in subjects} == {"firedoor-watch", "firedoor-admission"}
    named = {
        group: each for fence in optional if isinstance(fence, list) for each in fence for group in each["apiGroups"]
    }
    everything = render({"rbac": {"apis": [*named, "crd.projectcalico.org"]}})
    rules = one(everything, "ClusterRole")["rules"][len(needed["rules"]) :]
    assert {each["apiGroups"][0]: set(each["resources"]) for each in rules} == {
        **{group: set(each["resources"]) for group, each in named.items()},
        "crd.projectcalico.org": {each for each in named["projectcalico.org"]["resources"] if "." not in each},
    }
    assert {tuple(each["verbs"]) for each in rules} == {("get", "list", "watch")}
    mesh = next(each for each in optional if isinstance(each, dict) and each["kind"] == "Role")
    assert one(everything, "Role")["rules"] == mesh["rules"]


def test_of_several_watches_one_leads_by_a_lease_that_they_may_write_and_no_other() -> None:
    objects = render({"watch": {"replicas": 2}}, "sec", "guard")
    deployment = one(objects, "Deployment", "watch")
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["strategy"] == {"type": "RollingUpdate"}
    arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    name = "sec-firedoor-watch"
    assert arguments[-3:] == [
        "--leader-elect",
        "--leader-elect-resource-namespace=guard",
        f"--leader-elect-resource-name={name}",
    ]
    role, binding = one(objects, "Role"), one(objects, "RoleBinding")
    assert {each["metadata"]["namespace"] for each in (role, binding)} == {"guard"}
    make, write = role["rules"]
    assert make == {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]}
    assert write == {**make, "resourceNames": [name], "verbs": ["get", "update"]}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": name, "namespace": "guard"}]
    alone = one(render({}), "Deployment", "watch")["spec"]
    assert (alone["replicas"], alone["strategy"]) == (1, {"type": "Recreate"})


def test_several_watches_share_no_volume() -> None:
    done = ran("template", "a", str(CHART), values={"watch": {"replicas": 2, "state": {"existingClaim": "one"}}})
    assert done.returncode != 0
    assert "existingClaim is for one replica" in done.stderr


@pytest.mark.parametrize("release", ["firedoor", "sec"])
def test_the_registration_is_the_one_that_the_command_prints(release: str, tmp_path: Any) -> None:
    (tmp_path / "ca.crt").write_bytes(AUTHORITY)
    values = {"admission": {"certificate": {"caBundle": BUNDLE}, "exempt": ["ops"], "failurePolicy": "Fail"}}
    found = one(render(values, release, "guard"), "ValidatingWebhookConfiguration")
    name = f"{release}-firedoor" if release == "sec" else release
    options = ["--service", f"guard/{name}-admission", "--exempt", "ops", "--failure-policy", "Fail"]
    printed = yaml.safe_load(firedoor("admission", "manifests", "--ca-file", str(tmp_path / "ca.crt"), *options).out)
    assert found["webhooks"] == printed["webhooks"]
    assert found["metadata"]["name"] == f"{name}-admission"
    assert printed["metadata"]["name"] == "firedoor-admission"


def test_nothing_is_registered_without_a_ca_and_no_secret_is_ever_made() -> None:
    assert [each for each in render({}) if each["kind"] == "ValidatingWebhookConfiguration"] == []
    for values in SETS.values():
        assert [each for each in render(values) if each["kind"] == "Secret"] == []
    objects = render(EVERYTHING)
    (webhook,) = one(objects, "ValidatingWebhookConfiguration")["webhooks"]
    assert "caBundle" not in webhook["clientConfig"]
    certificate = one(objects, "Certificate")["spec"]
    service = webhook["clientConfig"]["service"]
    assert certificate["dnsNames"] == [f"{service['name']}.{service['namespace']}.svc"]
    assert certificate["issuerRef"]["name"] == one(objects, "Issuer")["metadata"]["name"]


def test_the_files_that_it_mounts_are_ones_that_firedoor_reads(tmp_path: Any) -> None:
    objects = render(EVERYTHING)
    (tmp_path / "intents.yaml").write_text(one(objects, "ConfigMap", "admission")["data"]["intents.yaml"])
    (tmp_path / "firedoor.yaml").write_text(one(objects, "ConfigMap", "watch")["data"]["firedoor.yaml"])
    (tmp_path / "pod.yaml").write_text("{apiVersion: v1, kind: Pod, metadata: {name: db-0, namespace: shop}}")
    judged = firedoor("assert", str(tmp_path / "intents.yaml"), str(tmp_path / "pod.yaml"), "-o", "json")
    assert [each["name"] for each in json.loads(judged.out)["intents"]] == ["nobody gets to the database"]
    assert firedoor("config", "check", str(tmp_path / "firedoor.yaml")).code == 0


def test_what_is_switched_off_is_not_there() -> None:
    for off, on in (("watch", "admission"), ("admission", "watch")):
        names = {each["metadata"]["name"] for each in render({off: {"enabled": False}})}
        assert not {each for each in names if off in each}
        assert f"firedoor-{on}" in names
    without = render({"networkPolicy": {"enabled": False}, "rbac": {"create": False}})
    assert {each["kind"] for each in without} == {"Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"wtach": {}}, "wtach"),
        ({"watch": {"enable": True}}, "enable"),
        ({"watch": {"severity": "urgent"}}, "severity"),
        ({"image": {"tag": "latest"}}, "tag"),
        ({"image": {"digest": "sha256:1"}}, "digest"),
        ({"rbac": {"apis": ["example.com"]}}, "apis"),
        ({"admission": {"rules": {"risky": "refuse"}}}, "risky"),
        ({"admission": {"certificate": {"caBundle": "none"}}}, "caBundle"),
        ({"admission": {"certificate": {"secretName": ""}}}, "secretName"),
        ({"admission": {"certificate": {"caBundle": BUNDLE, "certManager": {"enabled": True}}}}, "certificate"),
        ({"networkPolicy": {"apiServer": {"cidrs": []}}}, "cidrs"),
        ({"networkPolicy": {"metrics": {"from": [{"podSelecter": {}}]}}}, "podSelecter"),
    ],
)
def test_values_that_mean_nothing_are_refused(values: Manifest, said: str) -> None:
    done = ran("template", "firedoor", str(CHART), "--kube-version", "v1.36.3", values=values)
    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr
    assert said in done.stderr


def test_every_value_has_a_schema_and_every_schema_a_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    def compare(described: Manifest, given: Manifest, path: str) -> None:
        assert described["additionalProperties"] is False, path
        assert set(described["properties"]) - {"global"} == set(given), path
        for key, each in given.items():
            if "properties" in described["properties"][key]:
                compare(described["properties"][key], each, f"{path}.{key}")

    compare(schema, values, "")


def test_the_version_of_the_chart_is_that_of_firedoor() -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == __version__


def test_the_values_on_the_page_are_ones_that_it_knows() -> None:
    page = (CHART.parents[2] / "docs/howto/deploy.md").read_text()
    values = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    assert {"image", "rbac", "networkPolicy", "admission"} == set(values)
    objects = render(values)
    assert one(objects, "ValidatingWebhookConfiguration")
    (rule,) = one(objects, "NetworkPolicy", "watch")["spec"]["ingress"]
    assert rule["from"] == values["networkPolicy"]["metrics"]["from"]
    text = one(objects, "ConfigMap", "admission")["data"]["intents.yaml"]
    assert yaml.safe_load(text)["intents"] == values["admission"]["intents"]


@pytest.mark.parametrize(("number", "top"), [(2, {"watch", "networkPolicy"}), (3, {"flows"})], ids=["sinks", "flows"])
def test_the_other_values_on_the_page_are_ones_that_it_knows_too(number: int, top: set[str]) -> None:
    page = (CHART.parents[2] / "docs/howto/deploy.md").read_text()
    values = yaml.safe_load(page.split("```yaml\n")[number].split("```")[0])
    assert set(values) == top
    arguments = one(render(values), "Deployment", "watch")["spec"]["template"]["spec"]["containers"][0]["args"]
    asked = {each.partition("=")[0] for each in arguments}
    assert asked & {"--rules", "--hubble-relay"} == ({"--rules"} if "watch" in top else {"--hubble-relay"})
