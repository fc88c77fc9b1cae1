from __future__ import annotations

import pytest
from tests.engine.synth.making import deployment, network
from tests.engine.synth.test_basis_manifests import DB, DB_SERVICE, TO_DB, basis, needs, service

from firedoor.engine.synth.config_maps import ConfigMapIndex

SETTINGS = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data:
  MODE: prod
  DB_HOST: db.data
  DB_PORT: "5432"
  app.yaml: |
    cache:
      host: cache
      port: 6379
    width:100
"""
CACHE = deployment("cache", "app: cache") + service("cache", "{port: 6379}", "cache")
ALL = (DB, DB_SERVICE, CACHE, SETTINGS)
TO_CACHE = "Deployment shop/web -> Deployment shop/cache TCP/6379"


def web(pod: str = "", spec: str = "") -> str:
    return deployment("web", "app: web", pod=pod, spec=spec)


def mounted(source: str, mount: str = "") -> str:
    container = f", volumeMounts: [{{name: conf, mountPath: /etc/app{mount}}}]"
    return web(container, f"      volumes: [{{name: conf, {source}}}]\n")


FROM_ALL = ", envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: s}}]"
FROM_KEY = (
    ", env: [{{name: A, value: x}}, {{name: D, valueFrom: {{configMapKeyRef: {{name: settings, key: {key}}}}}}}, "
    "{{name: P, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}]"
)
WHOLE = "configMap: {name: settings}"


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (web(), []),
        (web(FROM_ALL), [TO_DB, TO_CACHE]),
        (web(FROM_KEY.format(key="DB_HOST")), [TO_DB]),
        (web(FROM_KEY.format(key="MODE")), []),
        (mounted(WHOLE), [TO_DB, TO_CACHE]),
        (mounted(WHOLE, ", subPath: app.yaml"), [TO_CACHE]),
        (mounted("configMap: {name: settings, items: [{key: app.yaml, path: etc/a.yaml}]}"), [TO_CACHE]),
        (
            mounted(
                "configMap: {name: settings, items: [{key: app.yaml, path: etc/a}, {key: DB_HOST, path: db}]}",
                ", subPath: etc/a",
            ),
            [TO_CACHE],
        ),
        (mounted("projected: {sources: [{configMap: {name: settings}}, {secret: {name: s}}]}"), [TO_DB, TO_CACHE]),
        (web(spec=f"      volumes: [{{name: conf, {WHOLE}}}]\n"), []),
        (mounted("configMap: {name: other}"), []),
        (mounted("emptyDir: {}"), []),
    ],
)
def test_a_pod_is_told_of_what_its_config_maps_name_where_it_sees_them(pod: str, expected: list[str]) -> None:
    assert needs(pod, *ALL) == expected


def test_the_evidence_says_which_key_and_line_and_by_what_the_pod_sees_it() -> None:
    found = [each for need in basis(web(FROM_ALL), *ALL).needs for each in need.evidence]
    by = "ConfigMap settings (container main, envFrom[0])"
    assert [each.text for each in found] == [
        f"{by}, key DB_HOST names db.data:5432",
        f"{by}, key app.yaml, line 2 names cache:6379",
    ]
    lines = "".join((web(FROM_ALL), *ALL)).splitlines()
    assert [each.place for each in found] == [
        f"<stdin>:{lines.index('  DB_HOST: db.data') + 1}",
        f"<stdin>:{lines.index('  app.yaml: |') + 1}",
    ]


def test_config_maps_of_another_namespace_are_others() -> None:
    assert needs(web(FROM_ALL), DB, DB_SERVICE, SETTINGS.replace("namespace: shop", "namespace: data")) == []


def test_names_that_lead_nowhere_are_told_but_for_those_that_may_be_none() -> None:
    (left,) = basis(web(FROM_ALL), DB, DB_SERVICE, SETTINGS.replace("host: cache", "url: http://gone/x")).left_out
    assert left.what == "Deployment shop/web -> gone:80"
    assert basis(web(FROM_ALL), *ALL).left_out == ()


def test_a_host_is_told_once_however_a_pod_sees_it() -> None:
    index = ConfigMapIndex(network(web(FROM_ALL + FROM_KEY.format(key="DB_HOST")) + SETTINGS))
    (member,) = network(web(FROM_ALL + FROM_KEY.format(key="DB_HOST"))).members
    assert [each.mention.host for each in index.told(member)] == ["db.data", "cache", "width"]


OF_ALL = ", envFrom: [{configMapRef: {name: kube-root-ca.crt}}]"


def test_where_the_source_has_no_config_map_at_all_their_users_are_counted() -> None:
    other_user = deployment("api", "app: api", pod=FROM_ALL)
    assert basis(web(FROM_ALL), DB).notes[-1].startswith("1 workload uses ConfigMaps")
    assert basis(web(FROM_ALL), other_user).notes[-1].startswith("2 workloads use ConfigMaps")
    other = SETTINGS.partition("\ndata:")[0]
    for texts in ((web(FROM_ALL), DB, SETTINGS), (web(FROM_ALL), DB, other), (web(OF_ALL), DB), (web(), DB)):
        assert len(basis(*texts).notes) == 1
