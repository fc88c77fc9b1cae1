"""The catalogue holds together, and says what is usual."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.engine.rbac_risks.loading import binding, group, held, risks, role, rule, user

from firedoor.engine.rbac_risks.catalogue import CATALOGUE, CatalogueError, validated
from firedoor.engine.rbac_risks.releases import release_of
from firedoor.model.frameworks import Mappings

DEFAULTS = "kubernetes.io/bootstrapping: rbac-defaults"
READ = rule("get", "secrets")


def test_every_risk_says_what_to_know() -> None:
    assert len(CATALOGUE) == len({each.id for each in CATALOGUE})
    assert len({each.title for each in CATALOGUE}) == len(CATALOGUE)
    for each in CATALOGUE:
        assert all((each.title, each.why, each.remedy, each.severity))
        assert not each.why.endswith(".")


def test_a_catalogue_that_contradicts_itself_is_refused() -> None:
    first = CATALOGUE[0]
    with pytest.raises(CatalogueError, match="twice"):
        validated((first, first))
    for mappings, problem in (
        (Mappings(mitre=("T1",)), "mitre has no item T1"),
        (Mappings(), "needs one technique"),
        (Mappings(cis=("5.1.2", "5.1.2"), mitre=("T1528",)), "cis 5.1.2 is there twice"),
    ):
        with pytest.raises(CatalogueError, match=problem):
            validated((replace(first, mappings=mappings),))


@pytest.mark.parametrize(
    ("version", "release"), [("v1.34.2+k3s1", (1, 34)), ("1.9", (1, 9)), ("", None), ("latest", None)]
)
def test_releases_are_read_from_versions(version: str, release: tuple[int, int] | None) -> None:
    assert release_of(version) == release


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        (binding(user("system:kube-scheduler")), True),
        (binding(group("system:nodes")), True),
        (binding(user("system:volume-scheduler"), labels=DEFAULTS), True),
        (binding("{kind: ServiceAccount, namespace: kube-system, name: gc}", labels=DEFAULTS), True),
        (binding(group("eks:nodes"), name="eks:nodes"), True),
        (binding("{kind: ServiceAccount, namespace: kube-system, name: gc}", name="kubeadm:gc"), True),
        (binding("{kind: ServiceAccount, namespace: kube-system, name: gc}"), False),
        (binding("{kind: ServiceAccount, namespace: shop, name: ci}", labels=DEFAULTS), False),
        (binding(user("anna"), labels=DEFAULTS), False),
        (binding(user("anna"), name="eks:nodes"), False),
        (binding(user("system:volume-scheduler")), False),
    ],
)
def test_what_kubernetes_sets_up_is_told_apart(given: str, usual: bool) -> None:
    assert [each.is_usual for each in risks(role(READ), given) if each.finding.check == "secrets-read"] == [usual]


def test_one_unusual_grant_makes_the_finding_unusual() -> None:
    account = "{kind: ServiceAccount, namespace: kube-system, name: ci}"
    found = held(role(READ), binding(account, labels=DEFAULTS), binding(account, name="c"))
    assert not found["secrets-read"].is_usual
