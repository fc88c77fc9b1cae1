"""A live cluster is read as the manifests are that made it, in pages, and with the rights that the page names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from lab.control_plane import ControlPlane

import firedoor.demo
from firedoor.adapters.cluster.source import ClusterSource
from firedoor.cli.main import cli
from firedoor.interfaces import Silent
from firedoor.model.places import GapKind
from firedoor.model.snapshot import Snapshot
from tests.lab.api import Api, Manifest, as_token_of, documents, until

SHOP = Path(firedoor.demo.__file__).parent / "shop"
PAGE = Path(__file__).parents[2] / "docs/howto/live-cluster.md"
READER = "reading"
ENDS = ("src", "dst")


def load(kubeconfig: Path, page_size: int = 500) -> Snapshot:
    return ClusterSource(str(kubeconfig), page_size=page_size).load(Silent())


def connections(*arguments: str) -> set[str]:
    """Return the connections between workloads of the shop and with the outside; other tests have pods of their own."""
    result = CliRunner().invoke(cli, ["reach", "-o", "json", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    own = {each["metadata"]["name"] for each in documents(SHOP) if each["kind"] == "Namespace"} - {"kube-system"}
    found = json.loads(result.stdout)["connections"]
    return {json.dumps(each, sort_keys=True) for each in found if {_namespace(each[end]) for end in ENDS} <= own | {""}}


def _namespace(end: dict[str, str]) -> str:
    return end["workload"].partition("/")[0] if "workload" in end else ""


@pytest.fixture(scope="module")
def shop(api: Api, plane: ControlPlane) -> ControlPlane:
    """Make the demo shop, and wait until the controllers have made its pods."""
    made = documents(SHOP)
    for each in made:
        api.create(each)
    kinds = {"Deployment", "StatefulSet", "Job"}
    wanted = {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in made if each["kind"] in kinds}

    def owned() -> set[tuple[str, str]]:
        pods = load(plane.kubeconfig)
        owners = {each.metadata.name: each.metadata.controller for each in pods.workloads if each.kind == "ReplicaSet"}
        controllers = ((pod, pod.metadata.controller) for pod in pods.pods)
        # The Deployment of a ReplicaSet; other controllers own their pods themselves.
        sets = ((pod, owners.get(owner.name, owner)) for pod, owner in controllers if owner is not None)
        return {(pod.metadata.namespace, owner.name) for pod, owner in sets if owner is not None}

    until(lambda: wanted <= owned(), "pods of every controller")
    return plane


def test_who_can_reach_whom_is_what_the_manifests_say(shop: ControlPlane) -> None:
    live, written = connections("--kubeconfig", str(shop.kubeconfig)), connections(str(SHOP))
    assert written
    assert live == written


FIELDS = ("pods", "network_policies", "services", "roles", "role_bindings", "workloads", "namespaces")


def test_pages_of_any_size_give_the_same_snapshot(shop: ControlPlane, api: Api) -> None:
    def differing() -> list[str]:
        # What changes between two readings, of controllers or of namespaces that go, is no difference of pages.
        before, paged, after = load(shop.kubeconfig), load(shop.kubeconfig, 7), load(shop.kubeconfig)
        assert len(before.roles) > 60
        whole = [each for each in FIELDS if getattr(before, each) == getattr(after, each)]
        return [
            *(each for each in FIELDS if each not in whole),
            *(each for each in whole if getattr(before, each) != getattr(paged, each)),
        ]

    api.until_nothing_goes()
    until(lambda: not differing(), "the same of every kind")


def test_the_version_and_the_roles_of_the_server_are_known(shop: ControlPlane) -> None:
    snapshot = load(shop.kubeconfig)
    assert snapshot.origin.server_version.startswith("v1.")
    assert snapshot.origin.is_whole
    assert [gap for gap in snapshot.gaps if gap.kind is GapKind.FORBIDDEN] == []


def test_only_what_is_named_on_the_page_is_asked_for(shop: ControlPlane) -> None:
    began = datetime.now(UTC).isoformat()
    load(shop.kubeconfig)
    whole = shop.audit_log.read_bytes().rpartition(b"\n")[0]
    events = map(json.loads, whole.splitlines())
    # What was asked before may be written down only now: a watch when it ends.
    ours = [each for each in events if each["userAgent"] == "firedoor" and each["requestReceivedTimestamp"] > began]
    assert len(ours) > 10
    assert {each["verb"] for each in ours} <= {"get", "list"}
    assert not {each.get("objectRef", {}).get("resource") for each in ours} & {"secrets", "configmaps"}


def reader(rules: list[Manifest]) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": READER},
        "rules": rules,
    }


def page_rules() -> list[Manifest]:
    fences = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]
    rules: list[Manifest] = yaml.safe_load(fences[0].split("```")[0])["rules"]
    return rules


@pytest.fixture(scope="module")
def account(shop: ControlPlane, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the kubeconfig of a service account that has the role of the page."""
    subject = {"kind": "ServiceAccount", "namespace": "default", "name": READER}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": READER}
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": READER, "namespace": "default"}})
    api.create(reader(page_rules()))
    api.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": READER},
            "subjects": [subject],
            "roleRef": role,
        }
    )
    target = tmp_path_factory.mktemp("account") / "kubeconfig"
    return as_token_of(shop.kubeconfig, api.token("default", READER), target)


def forbidden(kubeconfig: Path) -> set[str]:
    return {gap.source for gap in load(kubeconfig).gaps if gap.kind is GapKind.FORBIDDEN}


def test_the_role_of_the_page_is_enough(account: Path) -> None:
    until(lambda: forbidden(account) == set(), "nothing is forbidden")


def test_the_role_of_the_page_has_nothing_to_spare(account: Path, api: Api) -> None:
    rules = page_rules()
    path = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{READER}"
    parts = [(number, resource) for number, rule in enumerate(rules) for resource in rule["resources"]]
    assert len(parts) > 15
    for number, resource in parts:
        less = [dict(rule) for rule in rules]
        less[number]["resources"] = [each for each in rules[number]["resources"] if each != resource]
        assert api.send("PUT", path, reader([rule for rule in less if rule["resources"]]))[0] == 200
        until(lambda name=resource: any(name in each for each in forbidden(account)), f"{resource} is missed")  # type: ignore[misc]
    assert api.send("PUT", path, reader(rules))[0] == 200
