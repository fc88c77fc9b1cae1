"""Whether a pod holds a token for the API server, by the admission controller's rule or by its volumes."""

from __future__ import annotations

import pytest

from firedoor.model.metadata import ObjectMeta
from firedoor.model.rbac import ServiceAccount
from firedoor.model.tokens import API_ACCESS_ANY, TOKEN_PATH, mounted_token
from firedoor.model.volumes import ProjectedSource, TokenSource, VolumeDetails, VolumeFields, VolumeMount
from firedoor.model.workloads import Container, PodSpec

TOKEN: VolumeFields = {"name": "t", "projected": VolumeDetails(sources=(ProjectedSource(TokenSource()),))}
VAULT: VolumeFields = {"name": "t", "projected": VolumeDetails(sources=(ProjectedSource(TokenSource("vault")),))}
INJECTED: VolumeFields = {**TOKEN, "name": API_ACCESS_ANY}
EMPTY: VolumeFields = {"name": API_ACCESS_ANY, "emptyDir": VolumeDetails()}
SECRET: VolumeFields = {"name": "t", "secret": VolumeDetails(secret_name="web-token-x7k2p")}


def mounting(name: str = "t", path: str = "/t") -> Container:
    return Container("main", volume_mounts=(VolumeMount(name, path),))


def account(automount: bool | None) -> ServiceAccount:
    return ServiceAccount(ObjectMeta("web", "shop"), automount)


@pytest.mark.parametrize(
    ("own", "of_account", "expected", "reason"),
    [
        (None, None, True, "nothing says otherwise"),
        (None, account(None), True, "nothing says otherwise"),
        (None, account(automount=False), False, "the service account says so"),
        (None, account(automount=True), True, "the service account says so"),
        (True, account(automount=False), True, "the pod says so"),
        (False, account(automount=True), False, "the pod says so"),
    ],
)
def test_a_template_gets_a_token_unless_it_or_its_account_says_no(
    own: bool | None, of_account: ServiceAccount | None, expected: bool, reason: str
) -> None:
    spec = PodSpec((Container("main"),), automount_service_account_token=own)
    assert mounted_token(spec, of_account, is_template=True) == (expected, reason)


def test_of_a_pod_that_was_served_its_volumes_tell() -> None:
    injected = PodSpec((mounting(API_ACCESS_ANY, TOKEN_PATH),), volume_fields=(INJECTED,))
    assert mounted_token(injected, account(automount=False), is_template=False) == (
        True,
        f"volume {API_ACCESS_ANY} holds it",
    )
    found = mounted_token(PodSpec((Container("main"),)), None, is_template=False)
    assert found == (False, "no volume of the pod that a container mounts holds it")


@pytest.mark.parametrize("is_template", [True, False])
@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (PodSpec((mounting(),), volume_fields=(TOKEN,)), True),
        (PodSpec((Container("main"),), (mounting(),), volume_fields=(TOKEN,)), True),
        (PodSpec((Container("main"),), ephemeral_containers=(mounting(),), volume_fields=(TOKEN,)), True),
        (PodSpec((mounting(),), volume_fields=(VAULT,)), False),
        (PodSpec((mounting("other"),), volume_fields=(TOKEN,)), False),
        (PodSpec((mounting(),), volume_fields=(SECRET,)), False),
        (PodSpec((mounting("t", TOKEN_PATH),), volume_fields=(SECRET,)), True),
    ],
    ids=["projected", "init", "ephemeral", "other audience", "not mounted", "another Secret", "Secret of old servers"],
)
def test_a_token_in_a_volume_counts_where_a_container_mounts_it(
    spec: PodSpec, expected: bool, is_template: bool
) -> None:
    without = account(automount=False)
    assert mounted_token(spec, without, is_template=is_template).is_mounted is expected


def test_the_server_adds_no_token_where_something_is_mounted_at_its_path() -> None:
    taken = PodSpec((mounting("t", TOKEN_PATH),), volume_fields=(VAULT,))
    found = mounted_token(taken, None, is_template=True)
    assert (found.is_mounted, found.reason) == (False, f"every container mounts something else at {TOKEN_PATH}")
    partly = PodSpec((mounting("t", TOKEN_PATH), Container("sidecar")), volume_fields=(VAULT,))
    assert mounted_token(partly, None, is_template=True).is_mounted
    by_init = PodSpec((mounting("t", TOKEN_PATH),), (Container("init"),), volume_fields=(VAULT,))
    assert mounted_token(by_init, None, is_template=True).is_mounted


def test_the_server_takes_a_volume_of_such_a_name_for_that_of_the_token() -> None:
    found = mounted_token(PodSpec((Container("main"),), volume_fields=(EMPTY,)), None, is_template=True)
    assert (found.is_mounted, found.reason) == (False, f"volume {API_ACCESS_ANY} of the pod stands in for the token's")
    assert mounted_token(PodSpec((Container("main"),), volume_fields=(INJECTED,)), None, is_template=True).is_mounted
