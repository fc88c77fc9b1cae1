from __future__ import annotations

from tests.engine.rbac_least.asked import JANE, WEB, WEB_SUBJECT, binding, cluster, for_object, role, rule

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_least.comparing import held_now
from firedoor.engine.rbac_least.least import least_rules
from firedoor.model.access import AccessRequest, User
from firedoor.model.least_access import CountedRequest, HeldNow, ScopedRules
from firedoor.model.rbac import Role, RoleBinding, Subject

LIST = for_object("list", "pods", "shop")


def compared(
    *objects: Role | RoleBinding,
    requests: tuple[AccessRequest, ...] = (LIST,),
    subject: Subject = WEB_SUBJECT,
    users: tuple[User, ...] = (WEB,),
) -> HeldNow:
    asked = {(user, each): 1 for user in users for each in requests}
    return held_now(Authorizer(cluster(*objects)), subject, users, least_rules(requests, 0), asked)


def test_what_is_held_and_was_not_needed_is_taken_away() -> None:
    local = role("web", rule("get list", "pods secrets"), namespace="shop")
    found = compared(local, binding("web", local, Subject("ServiceAccount", "web"), namespace="shop"))
    lost = (rule("get", "pods"), rule("get list", "secrets"))
    assert found == HeldNow(1, (ScopedRules("shop", lost),), ())


def test_a_star_is_taken_away_as_a_star() -> None:
    everything = role("admin", rule("*", "*", "*"))
    found = compared(everything, binding("admin", everything, WEB_SUBJECT))
    assert found.taken_away == (ScopedRules("", (rule("*", "*", "*"),)),)


def test_what_groups_give_stays() -> None:
    reader = role("reader", rule("get list", "pods"))
    accounts = Subject("Group", "system:serviceaccounts")
    everybody = binding("all", reader, accounts)
    assert compared(reader, everybody) == HeldNow(0, (), ())
    own = binding("own", reader, WEB_SUBJECT, namespace="shop")
    assert compared(reader, everybody, own).taken_away == ()
    assert compared(reader, own).taken_away == (ScopedRules("shop", (rule("get", "pods"),)),)


def test_what_goes_for_the_cluster_is_not_told_again_for_a_namespace() -> None:
    reader = role("reader", rule("get", "secrets"))
    both = (binding("a", reader, WEB_SUBJECT), binding("b", reader, WEB_SUBJECT, namespace="shop"))
    found = compared(reader, *both)
    assert found.taken_away == (ScopedRules("", (rule("get", "secrets"),)),)
    assert found.rules == 2


def test_an_account_is_held_by_its_user_name_too_and_urls_in_a_namespace_are_nothing() -> None:
    odd = role("odd", rule("get", urls="/metrics"), rule("get", "secrets"))
    found = compared(odd, binding("odd", odd, Subject("User", WEB.name), namespace="shop"))
    assert found.taken_away == (ScopedRules("shop", (rule("get", "secrets"),)),)
    urls = role("urls", rule("get", urls="/metrics"))
    assert compared(urls, binding("urls", urls, WEB_SUBJECT, namespace="shop")) == HeldNow(
        0, (), (CountedRequest(LIST, 1),)
    )


def test_the_roles_of_a_group_are_compared_with_those_of_the_group() -> None:
    reader = role("reader", rule("get list", "pods"))
    group = Subject("Group", "devs")
    mine, shared = binding("mine", reader, Subject("User", "jane")), binding("shared", reader, group, namespace="shop")
    found = compared(reader, mine, shared, subject=group, users=(JANE,))
    assert found.taken_away == ()
    assert compared(reader, shared, subject=group, users=(JANE,)).taken_away == (
        ScopedRules("shop", (rule("get", "pods"),)),
    )


def test_requests_that_nothing_read_allows_are_told() -> None:
    assert compared(requests=(LIST,)).beyond == (CountedRequest(LIST, 1),)
