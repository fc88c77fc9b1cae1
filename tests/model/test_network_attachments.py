from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.metadata import ObjectMeta
from firedoor.model.multinetwork import Attachment, attachments
from firedoor.model.network_attachments import NETWORK_STATUS, NETWORKS


def pod(networks: str | None = None, status: Any = None) -> ObjectMeta:
    annotations = {} if networks is None else {NETWORKS: networks}
    if status is not None:
        annotations[NETWORK_STATUS] = status if isinstance(status, str) else json.dumps(status)
    return ObjectMeta("web", "shop", annotations=annotations)


def found(networks: str | None = None, status: Any = None) -> tuple[Attachment, ...]:
    result, faults = attachments(pod(networks, status))
    assert faults == ()
    return result


@pytest.mark.parametrize("networks", [None, "", " "])
@pytest.mark.parametrize("status", [None, "", " ", "null", "[]"])
def test_a_pod_without_annotations_has_the_cluster_network_only(networks: str | None, status: str | None) -> None:
    assert found(networks, status) == ()


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ("net-a", [Attachment("shop/net-a")]),
        ("infra/net-a@eth1, net-b@net2", [Attachment("infra/net-a", "eth1"), Attachment("shop/net-b", "net2")]),
        ("/net-a@", [Attachment("shop/net-a")]),
        ("infra / net-a @ eth1", [Attachment("infra/net-a", "eth1")]),
        ('[{"name": "net-a"}]', [Attachment("shop/net-a")]),
        (
            '[{"name": "net-a", "namespace": "infra", "interface": "eth1", "ips": ["10.0.0.7/24", "FD00::07"]}]',
            [Attachment("infra/net-a", "eth1", ("10.0.0.7", "fd00::7"))],
        ),
    ],
)
def test_the_networks_that_a_pod_asks_for_are_read_from_both_forms(networks: str, expected: list[Attachment]) -> None:
    assert found(networks) == tuple(expected)


def test_the_template_of_a_workload_takes_the_namespace_that_is_given() -> None:
    metadata = ObjectMeta(annotations={NETWORKS: "net-a"})
    assert attachments(metadata, "shop") == ((Attachment("shop/net-a"),), ())


def test_the_status_tells_addresses_and_its_default_network_is_left_out() -> None:
    status = [
        {"name": "cbr0", "interface": "eth0", "ips": ["10.244.0.5"], "default": True, "dns": {}},
        {"name": "infra/net-a", "interface": "net1", "ips": ["192.0.2.1", "::ffff:192.0.2.2"], "mac": "x"},
        {"name": "net-b"},
    ]
    given_networks = (Attachment("infra/net-a", "net1", ("192.0.2.1", "192.0.2.2")), Attachment("shop/net-b"))
    assert found(None, status) == given_networks
    assert found("infra/net-a, net-b", status) == given_networks


def test_what_is_asked_for_and_not_given_yet_comes_last() -> None:
    status = [{"name": "shop/net-a", "interface": "net1"}]
    assert found("net-b, net-a, net-a@net7", status) == (
        Attachment("shop/net-a", "net1"),
        Attachment("shop/net-a", "net7"),
        Attachment("shop/net-b"),
    )


def test_a_wish_for_a_certain_interface_is_met_by_that_interface() -> None:
    status = [{"name": "shop/net-a", "interface": "net2"}, {"name": "shop/net-a", "interface": "net1"}]
    assert found("net-a, net-a@net2", status) == (
        Attachment("shop/net-a", "net2"),
        Attachment("shop/net-a", "net1"),
    )


@pytest.mark.parametrize(
    ("networks", "path"),
    [
        ("net-a,", ""),
        ("a/b/c", ""),
        ("net-a@b@c", ""),
        ("Net-A", ""),
        ("[{", ""),
        ("[" * 100_000, ""),
        ('["\ud800"]', ""),
        ('{"name": "net-a"}', ""),
        ('["net-a"]', "[0]"),
        ('[{"namespace": "infra"}]', "[0].name"),
        ('[{"name": 3}]', "[0].name"),
        ('[{"name": "net-a", "ips": "10.0.0.7"}]', "[0].ips"),
        ('[{"name": "net-a", "ips": ["10.0.0.256"]}]', "[0].ips[0]"),
    ],
)
def test_an_annotation_that_cannot_be_read_is_a_fault(networks: str, path: str) -> None:
    result, (fault,) = attachments(pod(networks))
    assert fault.path == f"metadata.annotations[{NETWORKS}]{path}"
    assert not fault.rejects
    assert all(each.network == "shop/net-a" and each.addresses == () for each in result)


@pytest.mark.parametrize("name", [None, 3, "", "infra/", "a/b/c"])
def test_a_status_that_names_no_network_is_a_fault(name: Any) -> None:
    result, faults = attachments(pod(None, [{"name": name, "interface": "net1"}]))
    assert result == ()
    assert {each.path for each in faults} == {f"metadata.annotations[{NETWORK_STATUS}][0].name"}


ENTRIES = st.lists(
    st.dictionaries(
        st.sampled_from(["name", "namespace", "interface", "ips", "default"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=2),
    ),
    max_size=3,
)


@given(networks=st.text() | ENTRIES.map(json.dumps), status=st.text() | ENTRIES.map(json.dumps))
def test_whatever_stands_in_the_annotations_only_faults_come_of_it(networks: str, status: str) -> None:
    result, faults = attachments(pod(networks, status))
    assert all(each.network.count("/") >= 1 for each in result)
    assert not any(each.rejects for each in faults)
