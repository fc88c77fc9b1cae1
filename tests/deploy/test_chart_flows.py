"""The chart's flows: who is asked for them, with which Secret, and what the webhook does with them."""

from __future__ import annotations

import pytest

from tests.deploy.charting import CHART, GOLDMANE, RELAY, SETS, Manifest, one, ran, render

PLACE = "/run/secrets/firedoor-flows"
TLS = [f"--tls-ca-cert-files={PLACE}/ca.crt"]
SHOWN = [f"--tls-client-cert-file={PLACE}/tls.crt", f"--tls-client-key-file={PLACE}/tls.key"]


def pod(values: Manifest, part: str) -> Manifest:
    found: Manifest = one(render(values), "Deployment", part)["spec"]["template"]["spec"]
    return found


def egress(values: Manifest, part: str) -> list[Manifest]:
    """Return the rules besides those for the API server and DNS."""
    found: list[Manifest] = one(render(values), "NetworkPolicy", part)["spec"]["egress"]
    return found[2:]


@pytest.mark.parametrize(
    ("flows", "arguments", "secret"),
    [
        ({"hubbleRelay": {"enabled": True}}, ["--hubble-relay=hubble-relay.kube-system.svc:80"], None),
        (
            {"hubbleRelay": RELAY},
            [
                "--hubble-relay=hubble-relay.kube-system.svc:443",
                *TLS,
                "--tls-server-name=instance.hubble-relay.cilium.io",
                *SHOWN,
            ],
            "relay-client",
        ),
        (
            {"hubbleRelay": {**RELAY, "tls": {"enabled": True, "secretName": "ca-only", "serverName": ""}}},
            ["--hubble-relay=hubble-relay.kube-system.svc:443", *TLS],
            "ca-only",
        ),
        (
            {"goldmane": GOLDMANE},
            [
                "--goldmane=goldmane.calico-system.svc:7443",
                *TLS,
                "--tls-server-name=goldmane.calico-system.svc",
                *SHOWN,
            ],
            "goldmane-client",
        ),
    ],
    ids=["relay", "relay with certificates", "relay with a CA", "goldmane"],
)
def test_whoever_is_asked_is_asked_by_watch_and_by_the_webhook_alike(
    flows: Manifest, arguments: list[str], secret: str | None
) -> None:
    values = {"flows": flows, "admission": {"flows": {"enabled": True}}}
    for part in ("watch", "admission"):
        spec = pod(values, part)
        container = spec["containers"][-1]
        start = container["args"].index(arguments[0])
        assert container["args"][start : start + len(arguments)] == arguments
        assert [each for each in container["args"] if each.startswith("--tls-")] == arguments[1:]
        mounted = [each["name"] for each in container["volumeMounts"] if each["mountPath"] == PLACE]
        volumes = [each["secret"] for each in spec["volumes"] if each["name"] in mounted]
        assert volumes == ([{"secretName": secret, "defaultMode": 0o440}] if secret else [])
        (rule,) = egress(values, part)
        name, port = ("goldmane", 7443) if "goldmane" in flows else ("hubble-relay", 4245)
        assert rule["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": name}}
        assert rule["ports"] == [{"port": port, "protocol": "TCP"}]


def test_who_is_not_asked_cannot_be_reached() -> None:
    assert (egress({}, "watch"), egress({}, "admission")) == ([], [])
    assert egress({"flows": {"hubbleRelay": RELAY}}, "admission") == []
    assert not [each for each in pod({}, "watch")["containers"][0]["args"] if "relay" in each or "goldmane" in each]


def test_the_webhook_judges_by_what_its_second_container_takes() -> None:
    spec = pod(SETS["used"], "admission")
    webhook, flows = spec["containers"]
    store = "--store=/var/lib/firedoor/flows"
    assert {"--flows", store, "--used-within=14d", "--rule=used=warn"} <= set(webhook["args"])
    assert flows["args"][:3] == ["flows", "import", "--follow"]
    assert {store, "--prune-older-than=30d"} <= set(flows["args"])
    shared = [{each["name"] for each in one["volumeMounts"]} for one in (webhook, flows)]
    (name,) = shared[0] & shared[1]
    assert next(each for each in spec["volumes"] if each["name"] == name)["emptyDir"] == {"sizeLimit": "8Gi"}
    without = pod({}, "admission")["containers"]
    assert len(without) == 1
    assert not [each for each in without[0]["args"] if "used" in each or "flows" in each]


def test_one_replica_may_keep_its_store_on_a_volume() -> None:
    values = SETS["used, and kept"]
    deployment = one(render(values), "Deployment", "admission")["spec"]
    assert deployment["strategy"] == {"type": "Recreate"}
    claims = [
        each["persistentVolumeClaim"]
        for each in deployment["template"]["spec"]["volumes"]
        if "persistentVolumeClaim" in each
    ]
    assert claims == [{"claimName": "used"}]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"admission": {"flows": {"enabled": True}}}, "enable flows.hubbleRelay or flows.goldmane"),
        (
            {
                "flows": {"hubbleRelay": {"enabled": True}},
                "admission": {"replicas": 2, "flows": {"enabled": True, "existingClaim": "one"}},
            },
            "existingClaim is for one replica",
        ),
        ({"flows": {"hubbleRelay": RELAY, "goldmane": GOLDMANE}}, "flows"),
        ({"flows": {"goldmane": {"enabled": True}}}, "secretName"),
        ({"flows": {"hubbleRelay": {"enabled": True, "tls": {"enabled": True}}}}, "secretName"),
        ({"flows": {"hubbleRelay": {"enabled": True, "address": "hubble-relay"}}}, "address"),
        ({"admission": {"flows": {"usedWithin": "long"}}}, "usedWithin"),
        ({"admission": {"rules": {"used": "refuse"}}}, "used"),
        ({"watch": {"secrets": ["soc"]}}, "secrets"),
        ({"watch": {"env": [{"name": "A", "value": "plain"}]}}, "env"),
    ],
)
def test_values_that_cannot_work_are_refused(values: Manifest, said: str) -> None:
    done = ran("template", "firedoor", str(CHART), "--kube-version", "v1.36.3", values=values)
    assert done.returncode != 0
    assert said in done.stderr
