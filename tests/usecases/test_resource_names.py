from __future__ import annotations

import pytest

from firedoor.adapters.manifests.validation.schemas import load
from firedoor.errors import UsageError
from firedoor.model.access import AccessRequest
from firedoor.usecases.resource_names import asked_request, is_about_all, is_cluster_scoped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pods", ("", "pods", "")),
        ("po", ("", "pods", "")),
        ("Pod", ("", "pods", "")),
        ("pods/log", ("", "pods", "log")),
        ("deploy", ("apps", "deployments", "")),
        ("deployments.apps", ("apps", "deployments", "")),
        ("deployments.v1.apps", ("apps", "deployments", "")),
        ("deployments.apps/scale", ("apps", "deployments", "scale")),
        ("deploy/scale.apps", ("apps", "deployments", "scale")),
        ("events", ("", "events", "")),
        ("ev.events.k8s.io", ("events.k8s.io", "events", "")),
        ("networkpolicy", ("networking.k8s.io", "networkpolicies", "")),
        ("ingressclass", ("networking.k8s.io", "ingressclasses", "")),
        ("csistoragecapacity", ("storage.k8s.io", "csistoragecapacities", "")),
        ("componentstatus", ("", "componentstatuses", "")),
        ("endpoint", ("", "endpoint", "")),
        ("widgets.v1beta1.example.com", ("example.com", "widgets", "")),
        ("deployments.extensions", ("extensions", "deployments", "")),
        ("*", ("*", "*", "")),
        ("*.apps", ("apps", "*", "")),
        ("*/scale", ("*", "*", "scale")),
    ],
)
def test_resources_are_written_as_for_kubectl(text: str, expected: tuple[str, str, str]) -> None:
    request, _ = asked_request("get", text, "", "")
    assert (request.group, request.resource, request.subresource) == expected


@pytest.mark.parametrize("text", ["", "/log", "pods/", "pods.", "a/b/c", ".apps", "a.b/c/d"])
def test_what_is_no_resource_is_refused(text: str) -> None:
    if text.startswith("/"):
        assert asked_request("get", text, "", "")[0].path == text
    else:
        with pytest.raises(UsageError, match="is no resource; write it as in pods"):
            asked_request("get", text, "", "")


def test_remarks_tell_how_words_were_taken() -> None:
    assert asked_request("get", "pods", "", "shop")[1] == ()
    assert asked_request("impersonate:user-info", "users.authentication.k8s.io", "", "")[1] == ()
    assert asked_request("lst", "pod", "", "")[1] == (
        "lst is no verb that the API server asks about (did you mean list?)",
    )
    assert asked_request("get", "podz", "", "")[1] == (
        (
            "podz is no built-in resource (did you mean pods?): taken as it is written, in the core group; "
            "write RESOURCE.GROUP for another"
        ),
    )
    assert asked_request("get", "deployments.extensions", "", "")[1] == (
        "deployments is no built-in resource: taken as it is written, in group extensions",
    )
    assert asked_request("list", "/healthz", "", "shop") == (
        AccessRequest("list", path="/healthz"),
        (
            "list is no verb that the API server asks about",
            "a URL is in no namespace, so that shop is not part of the request",
        ),
    )


def test_requests_for_cluster_scoped_resources_carry_no_namespace_but_for_one_namespace_its_name() -> None:
    request, notes = asked_request("get", "nodes", "", "shop")
    assert (request.namespace, notes) == (
        "",
        ("nodes are cluster-scoped, so that shop is not part of the request",),
    )
    assert asked_request("get", "ns", "shop", "")[0].namespace == "shop"
    assert asked_request("get", "ns", "shop", "shop")[1] == ()
    assert asked_request("list", "ns", "", "shop")[0].namespace == ""
    assert is_cluster_scoped("", "nodes/proxy")
    assert not is_cluster_scoped("", "namespaces")
    assert not is_cluster_scoped("", "pods")
    assert not is_cluster_scoped("example.com", "widgets")


def test_namespaces_as_a_collection_are_in_no_namespace() -> None:
    assert not is_about_all(AccessRequest("list", "namespaces"))
    assert is_about_all(AccessRequest("get", "namespaces"))
    assert not is_about_all(AccessRequest("get", "namespaces", namespace="shop"))
    assert not is_about_all(AccessRequest("get", path="/healthz"))


def test_a_subresource_that_is_not_known_may_be_a_name() -> None:
    assert asked_request("get", "pods/web-0", "", "")[1] == (
        "web-0 is taken as a subresource, and none of that name is known; a name stands apart: NAME",
    )
    assert asked_request("impersonate", "userextras/scopes.authentication.k8s.io", "", "") == (
        AccessRequest("impersonate", "userextras", "scopes", "authentication.k8s.io"),
        (),
    )


def test_every_kind_that_a_current_release_serves_is_known() -> None:
    kinds = load().kinds
    newest = max(served.last for served in kinds.values())
    # Parts of others, and what is still an alpha version.
    beside = {"Eviction", "EvictionRequest", "Scale", "TokenRequest", "CompositePodGroup", "ResourcePoolStatusRequest"}
    unknown = set()
    for (api_version, kind), served in kinds.items():
        written = f"{kind}.{group}" if (group := api_version.rpartition("/")[0]) else kind
        if served.last == newest and not kind.endswith(("List", "Options")) and kind not in beside:
            unknown |= {written} if asked_request("get", written, "", "")[1] else set()
    assert unknown == set()
