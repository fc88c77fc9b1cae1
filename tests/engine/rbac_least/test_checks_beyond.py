from __future__ import annotations

from tests.engine.rbac_least.asked import for_object

from firedoor.engine.rbac_least.checks_beyond import checks_beyond

RBAC = "rbac.authorization.k8s.io"


def test_who_writes_roles_or_bindings_is_asked_for_more_than_the_log_tells() -> None:
    (bindings,) = checks_beyond(
        [
            for_object("create", "rolebindings", "shop", group=RBAC),
            for_object("patch", "clusterrolebindings", group=RBAC),
        ]
    )
    assert "the verb bind" in bindings
    (roles,) = checks_beyond([for_object("update", "roles", "shop", "a", RBAC)])
    assert "the verb escalate" in roles


def test_who_approves_certificates_needs_a_signer() -> None:
    (found,) = checks_beyond(
        [for_object("update", "certificatesigningrequests/approval", "", "a", "certificates.k8s.io")]
    )
    assert "approve on signers" in found


def test_reading_and_deleting_them_takes_nothing_else() -> None:
    assert not list(
        checks_beyond(
            [
                for_object("get", "roles", group=RBAC),
                for_object("delete", "roles", group=RBAC),
                for_object("create", "roles"),
            ]
        )
    )
