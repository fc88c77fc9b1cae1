from __future__ import annotations

import pytest
from tests.engine.rbac_least.asked import JANE, for_object, for_url

from firedoor.engine.rbac_least.permitting import is_common, is_expressible
from firedoor.model.access import AccessRequest, user_named


@pytest.mark.parametrize(
    ("request_", "authenticated", "anonymous"),
    [
        (for_url("get", "/healthz"), True, True),
        (for_url("get", "/apis/apps/v1"), True, False),
        (for_url("get", "/openapi/v3"), True, False),
        (for_url("post", "/apis"), False, False),
        (for_url("get", "/metrics"), False, False),
        (for_object("create", "selfsubjectreviews", group="authentication.k8s.io"), True, False),
        (for_object("create", "subjectaccessreviews", group="authorization.k8s.io"), False, False),
    ],
)
def test_what_everybody_may_ask(request_: AccessRequest, authenticated: bool, anonymous: bool) -> None:
    assert is_common(JANE, request_) is authenticated
    assert is_common(user_named("system:anonymous"), request_) is anonymous


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (for_object("get", "pods", "shop", "*"), True),
        (for_object("get", "*", "shop"), False),
        (for_object("get", "*/status", "shop"), False),
        (for_object("*", "pods"), False),
        (for_object("get", "pods", group="*"), False),
        (for_url("get", "/a*b"), True),
        (for_url("get", "/a*"), False),
        (for_url("*", "/a"), False),
    ],
)
def test_a_star_that_a_client_sent_would_mean_everything_in_a_rule(request_: AccessRequest, expected: bool) -> None:
    assert is_expressible(request_) is expected
