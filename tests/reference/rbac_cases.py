"""
What the API documentation says of roles and bindings, as questions with their answers.

The keys are sentences; most ask about the rules that one user has.
"""

from __future__ import annotations

from tests.reference.manifests import Manifest
from tests.reference.rbac import MASTERS, Request, User, user
from tests.reference.rbac_escalation import EVERYTHING
from tests.reference.rbac_samples import (
    RBAC,
    Can,
    Case,
    Covers,
    WhoCan,
    account,
    bind,
    role,
    rule,
    urls,
)

JANE = user("jane")
ROBOT = user("system:serviceaccount:alpha:robot")
GET_PODS = Request("get", "pods", namespace="alpha", name="a")
EVERYWHERE = Request("list", "pods")
PODS = rule("get list", "pods")


def held(*rules: Manifest, namespace: str = "") -> list[Manifest]:
    """Return a cluster in which jane has the rules, in a namespace or in the whole cluster."""
    return [role("r", *rules), bind("ClusterRole/r", "User/jane", namespace=namespace)]


def jane(expected: bool, request: Request, *rules: Manifest) -> Can:
    """Return whether jane may, when she has the rules in the whole cluster."""
    return Can(held(*rules), JANE, request, expected)


def in_alpha(expected: bool, request: Request, *rules: Manifest) -> Can:
    """Return whether jane may, when a RoleBinding in alpha gives her the rules of a ClusterRole."""
    return Can(held(*rules, namespace="alpha"), JANE, request, expected)


def given(expected: bool, asked: User, *subjects: str, namespace: str = "") -> Can:
    """Return whether somebody may get pods in alpha when the subjects may."""
    return Can([role("r", PODS), bind("ClusterRole/r", *subjects, namespace=namespace)], asked, GET_PODS, expected)


LOG = Request("get", "pods", "log", namespace="alpha", name="a")
SCALE = Request("update", "deployments", "scale", "apps", "a", "alpha")
HEALTH = Request("get", path="/healthz")
ETCD = Request("get", path="/healthz/etcd")

RULES: dict[str, Case] = {
    "a verb that is listed is permitted": jane(True, GET_PODS, PODS),
    "a verb that is not listed is not": jane(False, Request("delete", "pods", namespace="alpha", name="a"), PODS),
    "get does not imply list": jane(False, EVERYWHERE, rule("get", "pods")),
    "list does not imply watch": jane(False, Request("watch", "pods"), rule("list", "pods")),
    "the star is every verb, use and bind too": jane(True, Request("bind", "pods"), rule("*", "pods")),
    "verbs differ by case": jane(False, GET_PODS, rule("GET", "pods")),
    "a verb has no pattern": jane(False, GET_PODS, rule("g*", "pods")),
    "the core group is the empty text": jane(False, GET_PODS, rule("get", "pods", ("core", "v1"))),
    "the core group is not in a rule for another": jane(False, GET_PODS, rule("get", "pods", ("apps",))),
    "the star is every group, the core group too": jane(True, GET_PODS, rule("get", "pods", ("*",))),
    "one of several groups is enough": jane(True, GET_PODS, rule("get", "pods", ("apps", ""))),
    "a resource in another group is another resource": jane(False, SCALE, rule("update", "deployments/scale")),
    "two rules do not add up to one": jane(False, GET_PODS, rule("get", "secrets"), rule("list", "pods")),
    "a resource does not include its subresources": jane(False, LOG, rule("get", "pods")),
    "a subresource is named after the slash": jane(True, LOG, rule("get", "pods/log")),
    "a subresource does not include the resource": jane(False, GET_PODS, rule("get", "pods/log")),
    "the star is every resource and subresource": jane(True, LOG, rule("get", "*")),
    "star slash subresource is that subresource of all": jane(True, LOG, rule("get", "*/log")),
    "star slash subresource is for the groups of the rule": jane(False, SCALE, rule("update", "*/scale")),
    "star slash scale with its group": jane(True, SCALE, rule("update", "*/scale", ("apps",))),
    "star slash subresource is not the resource": jane(False, GET_PODS, rule("get", "*/log")),
    "star slash subresource is no other subresource": jane(False, LOG, rule("get", "*/og */lo */status")),
    "pods slash star is no pattern": jane(False, LOG, rule("get", "pods/*")),
    "star slash star is no pattern": jane(False, LOG, rule("get", "*/*")),
    "a resource has no pattern": jane(False, GET_PODS, rule("get", "po*")),
    "a resource is in the plural": jane(False, GET_PODS, rule("get", "pod")),
    "a name in the list is permitted": jane(True, GET_PODS, rule("get", "pods", names=("a", "b"))),
    "a name out of the list is not": jane(False, GET_PODS, rule("get", "pods", names=("b",))),
    "a name has no pattern": jane(False, GET_PODS, rule("get", "pods", names=("*",))),
    "list is not permitted by a rule with names": jane(False, EVERYWHERE, rule("list", "pods", names=("a",))),
    "create is not permitted by a rule with names": jane(
        False, Request("create", "pods", namespace="alpha"), rule("create", "pods", names=("a",))
    ),
    "deletecollection is not permitted by a rule with names": jane(
        False, Request("deletecollection", "pods", namespace="alpha"), rule("*", "*", ("*",), ("a",))
    ),
    "list of one name, as a field selector asks, is permitted": jane(
        True, Request("list", "pods", name="a", namespace="alpha"), rule("list", "pods", names=("a",))
    ),
    "a named subresource is permitted": jane(True, LOG, rule("get", "pods/log", names=("a",))),
    "names hold in every namespace of the binding": jane(
        True, Request("get", "pods", namespace="beta", name="a"), rule("get", "pods", names=("a",))
    ),
    "names go with all resources of the rule": jane(True, LOG, rule("get", "pods pods/log", names=("a",))),
    "a path that is listed is permitted": jane(True, HEALTH, urls("get", "/healthz")),
    "a path does not include those below": jane(False, ETCD, urls("get", "/healthz")),
    "a star at the end is everything that begins so": jane(True, ETCD, urls("get", "/healthz/*")),
    "slash star does not include the path above": jane(False, HEALTH, urls("get", "/healthz/*")),
    "a star need not follow a slash": jane(True, HEALTH, urls("get", "/heal*")),
    "the star alone is every path": jane(True, ETCD, urls("get", "*")),
    "a star elsewhere is a letter": jane(False, ETCD, urls("get", "/*/etcd")),
    "several stars at the end are one": jane(True, HEALTH, urls("get", "/healthz**")),
    "a path needs its verb": jane(False, Request("post", path="/healthz"), urls("get", "/healthz")),
    "a rule for every resource is for no path": jane(False, HEALTH, rule("*", "*", ("*",))),
    "a rule for every path is for no resource": jane(False, GET_PODS, urls("*", "*")),
}

BINDINGS: dict[str, Case] = {
    "nobody may do anything without a binding": Can([role("r", PODS)], JANE, GET_PODS, False),
    "a ClusterRoleBinding holds in every namespace": jane(True, GET_PODS, PODS),
    "a ClusterRoleBinding holds for all namespaces together": jane(True, EVERYWHERE, PODS),
    "a RoleBinding holds in its namespace": in_alpha(True, GET_PODS, PODS),
    "a RoleBinding holds in no other": in_alpha(False, Request("get", "pods", namespace="beta"), PODS),
    "a RoleBinding is nothing for all namespaces together": in_alpha(False, EVERYWHERE, PODS),
    "a RoleBinding is nothing for what has no namespace": in_alpha(
        False, Request("get", "nodes"), rule("*", "*", ("*",))
    ),
    "a RoleBinding is nothing for a path": in_alpha(False, HEALTH, urls("get", "*")),
    "a Namespace is asked for in itself": in_alpha(
        True, Request("get", "namespaces", name="alpha", namespace="alpha"), rule("get", "namespaces")
    ),
    "a RoleBinding gives a Role of its namespace": Can(
        [role("r", PODS, namespace="alpha"), bind("Role/r", "User/jane", namespace="alpha")], JANE, GET_PODS, True
    ),
    "a RoleBinding gives no Role of another": Can(
        [role("r", PODS, namespace="beta"), bind("Role/r", "User/jane", namespace="alpha")], JANE, GET_PODS, False
    ),
    "a Role and a ClusterRole of one name are two": Can(
        [role("r", namespace="alpha"), role("r", PODS), bind("Role/r", "User/jane", namespace="alpha")],
        JANE,
        GET_PODS,
        False,
    ),
    "a binding to a missing role gives nothing": Can([bind("ClusterRole/r", "User/jane")], JANE, GET_PODS, False),
    "a binding to a missing role hides no other": Can(
        [bind("ClusterRole/none", "User/jane", name="aaa"), *held(PODS)], JANE, GET_PODS, True
    ),
    "a binding without subjects is for nobody": given(False, JANE),
    "the second subject counts as the first": given(True, JANE, "User/john", "User/jane"),
    "names of users differ by case": given(False, JANE, "User/Jane"),
    "a user is not the group of that name": given(False, JANE, "Group/jane"),
    "a group is not the user of that name": given(False, user("john", "jane"), "User/jane"),
    "a star is no user": given(False, JANE, "User/*"),
    "a star is no group": given(False, JANE, "Group/*"),
    "a member has what the group has": given(True, user("john", "team"), "Group/team"),
    "everybody who is known is authenticated": given(True, JANE, "Group/system:authenticated"),
    "anonymous is not authenticated": given(False, user("system:anonymous"), "Group/system:authenticated"),
    "anonymous is unauthenticated": given(True, user("system:anonymous"), "Group/system:unauthenticated"),
    "anonymous has a name": given(True, user("system:anonymous"), "User/system:anonymous"),
    "a service account is named with its namespace": given(True, ROBOT, "ServiceAccount/robot/alpha"),
    "one of another namespace is another": given(False, ROBOT, "ServiceAccount/robot/beta"),
    "a RoleBinding may leave the namespace out": given(True, ROBOT, "ServiceAccount/robot", namespace="alpha"),
    "a RoleBinding may name one of another namespace": given(
        True, user("system:serviceaccount:beta:robot"), "ServiceAccount/robot/beta", namespace="alpha"
    ),
    "no service account has a name in capitals": given(
        False, user("system:serviceaccount:alpha:Robot"), "Group/system:serviceaccounts:alpha"
    ),
    "a service account has dots in its name": given(
        True, user("system:serviceaccount:alpha:robot.v1"), "Group/system:serviceaccounts:alpha"
    ),
    "a namespace has none": given(
        False, user("system:serviceaccount:alpha.v1:robot"), "Group/system:serviceaccounts:alpha.v1"
    ),
    "a service account is a user of a long name": given(True, ROBOT, "User/system:serviceaccount:alpha:robot"),
    "a service account is not the user of its short name": given(False, ROBOT, "User/robot"),
    "service accounts are all in one group": given(True, ROBOT, "Group/system:serviceaccounts"),
    "those of a namespace are in another": given(True, ROBOT, "Group/system:serviceaccounts:alpha"),
    "and in that of no other namespace": given(False, ROBOT, "Group/system:serviceaccounts:beta"),
    "service accounts are authenticated": given(True, ROBOT, "Group/system:authenticated"),
    "a master may do everything": Can([], user("root", MASTERS), Request("escalate", "clusterroles", group=RBAC), True),
    "a user of the name of that group may not": Can([], user(MASTERS), GET_PODS, False),
}

SELECT_VIEW = [{"matchLabels": {"to-view": "true"}}]
SELECT_EDIT = [{"matchLabels": {"to-edit": "true"}}]
VIEW, EDIT = role("view", aggregates=SELECT_VIEW), role("edit", aggregates=SELECT_EDIT)
PART = role("part", PODS, labels="to-view")


def bound(expected: bool, *roles: Manifest) -> Can:
    """Return whether jane may get pods when she is bound to the first of the ClusterRoles."""
    name = roles[0]["metadata"]["name"]
    return Can([*roles, bind(f"ClusterRole/{name}", "User/jane")], JANE, GET_PODS, expected)


AGGREGATION: dict[str, Case] = {
    "an aggregating role has the rules of those selected": bound(True, VIEW, PART),
    "and of no others": bound(False, VIEW, role("part", PODS, labels="to-edit")),
    "its own rules are lost": bound(False, role("view", PODS, aggregates=SELECT_VIEW), role("part", labels="to-view")),
    "it does not select itself": bound(False, role("view", PODS, labels="to-view", aggregates=SELECT_VIEW)),
    "one of several selectors is enough": bound(True, role("view", aggregates=SELECT_EDIT + SELECT_VIEW), PART),
    "a label of another value is not selected": bound(
        False, role("view", aggregates=[{"matchLabels": {"to-view": "false"}}]), PART
    ),
    "an empty selector selects every ClusterRole": bound(True, role("view", aggregates=[{}]), PART),
    "expressions select too": bound(
        True, role("view", aggregates=[{"matchExpressions": [{"key": "to-view", "operator": "Exists"}]}]), PART
    ),
    "aggregation goes on through what is aggregated": bound(
        True, EDIT, role("view", labels="to-edit", aggregates=SELECT_VIEW), PART
    ),
    "roles that aggregate each other come to an end": bound(
        True,
        role("edit", labels="to-view", aggregates=SELECT_EDIT),
        role("view", labels="to-edit", aggregates=SELECT_VIEW),
        PART,
    ),
    "a Role is not selected": bound(False, VIEW, role("part", PODS, namespace="alpha", labels="to-view")),
}

HOLDERS: dict[str, Case] = {
    "a binding names who can": WhoCan(held(PODS), GET_PODS, {"User jane"}),
    "nobody else can": WhoCan(held(PODS), Request("get", "secrets", namespace="alpha"), set()),
    "a group of service accounts is its members too": WhoCan(
        [account("alpha", "robot"), role("r", PODS), bind("ClusterRole/r", "Group/system:serviceaccounts:alpha")],
        GET_PODS,
        {"Group system:serviceaccounts:alpha", f"User {ROBOT.name}"},
    ),
    "who can in one namespace cannot in all": WhoCan(held(PODS, namespace="alpha"), EVERYWHERE, set()),
    "a service account that is not there can, once it is": WhoCan(
        [role("r", PODS), bind("ClusterRole/r", "ServiceAccount/robot", namespace="alpha")],
        GET_PODS,
        {f"User {ROBOT.name}"},
    ),
}

COVERAGE: dict[str, Case] = {
    "a rule contains itself": Covers([PODS], [PODS], True),
    "nothing contains a rule": Covers([], [PODS], False),
    "no rule needs nothing": Covers([], [], True),
    "a rule contains fewer verbs": Covers([PODS], [rule("get", "pods")], True),
    "not more": Covers([PODS], [rule("get delete", "pods")], False),
    "several rules may contain the parts of one": Covers([rule("get", "pods"), rule("list", "pods")], [PODS], True),
    "all verbs are not the star": Covers(
        [rule("get list watch create update patch delete deletecollection", "pods")], [rule("*", "pods")], False
    ),
    "the star is every verb": Covers([rule("*", "pods")], [PODS], True),
    "the star of groups needs the star": Covers([PODS], [rule("get", "pods", ("*",))], False),
    "the star of resources needs the star": Covers([rule("get", "pods secrets */log")], [rule("get", "*")], False),
    "a resource does not contain its subresource": Covers([PODS], [rule("get", "pods/log")], False),
    "star slash log contains pods slash log": Covers([rule("get", "*/log")], [rule("get", "pods/log")], True),
    "pods slash log does not contain star slash log": Covers([rule("get", "pods/log")], [rule("get", "*/log")], False),
    "any name contains one": Covers([PODS], [rule("get", "pods", names=("a",))], True),
    "one name does not contain any": Covers([rule("get", "pods", names=("a",))], [rule("get", "pods")], False),
    "names may come from several rules": Covers(
        [rule("get", "pods", names=("a",)), rule("get", "pods", names=("b",))],
        [rule("get", "pods", names=("a", "b"))],
        True,
    ),
    "verb and resource must come from one rule": Covers(
        [rule("get", "secrets"), rule("list", "pods")], [rule("get", "pods")], False
    ),
    "a pattern contains the paths it matches": Covers(
        [urls("get", "/healthz/*")], [urls("get", "/healthz/etcd")], True
    ),
    "a pattern contains a narrower one": Covers([urls("get", "/*")], [urls("get", "/healthz/*")], True),
    "not a wider one": Covers([urls("get", "/healthz/*")], [urls("get", "/*")], False),
    "a path contains no pattern": Covers([urls("get", "/healthz/")], [urls("get", "/healthz/*")], False),
    "every resource is no path": Covers([EVERYTHING[0]], [urls("get", "/healthz")], False),
    "a rule for no resource needs nothing": Covers([], [rule("get", "")], True),
}
