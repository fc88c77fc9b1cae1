"""Who may write roles and bindings, as the API documentation says, as questions with their answers."""

from __future__ import annotations

from tests.reference.manifests import Manifest
from tests.reference.rbac import MASTERS, user
from tests.reference.rbac_escalation import EVERYTHING
from tests.reference.rbac_samples import Case, MayBind, MayWrite, bind, guard, role, rule, urls

JANE, ROOT = user("jane"), user("root", MASTERS)
PODS = rule("get list", "pods")
EDITOR = role("editor", PODS, rule("get", "secrets"))
TO_BIND = guard("create", "rolebindings clusterrolebindings")
TO_WRITE = guard("create update patch", "roles clusterroles")


def hold(*rules: Manifest, namespace: str = "", name: str = "mine") -> list[Manifest]:
    """Return a role with the rules that jane has, in a namespace or in the whole cluster."""
    return [role(name, *rules), bind(f"ClusterRole/{name}", "User/jane", namespace=namespace, name=name)]


def binding(expected: bool, *rules: Manifest, target: str = "ClusterRole/editor", namespace: str = "alpha") -> MayBind:
    """Return whether jane may bind somebody to a role when she has the rules in the whole cluster."""
    new = bind(target, "User/john", namespace=namespace, name="new")
    return MayBind([EDITOR, *hold(*rules)], JANE, new, expected)


def within(expected: bool, *rules: Manifest, namespace: str = "alpha") -> MayBind:
    """Return whether she may when she has the rules in alpha only."""
    new = bind("ClusterRole/editor", "User/john", namespace=namespace, name="new")
    return MayBind([EDITOR, *hold(*rules, namespace="alpha")], JANE, new, expected)


def writing(expected: bool, new: Manifest, verb: str, *rules: Manifest, namespace: str = "") -> MayWrite:
    """Return whether jane may write a role when she has the rules."""
    return MayWrite([EDITOR, *hold(*rules, namespace=namespace)], JANE, new, verb, expected)


CLUSTER_WIDE = bind("ClusterRole/editor", "User/john", name="new")
BY_LABEL = [{"matchLabels": {"to-view": "true"}}]
VIEW = role("view", aggregates=BY_LABEL)
PART = role("part", PODS, labels="to-view")
LOCAL = role("local", PODS, namespace="alpha")

BINDING: dict[str, Case] = {
    "create alone binds nothing": binding(False, TO_BIND),
    "bind alone creates nothing": binding(False, guard("bind", "clusterroles")),
    "create and bind are enough": binding(True, TO_BIND, guard("bind", "clusterroles")),
    "create and having it all are enough": binding(True, TO_BIND, *EDITOR["rules"]),
    "having a part is not": binding(False, TO_BIND, PODS),
    "bind on the other kind of role is not": binding(False, TO_BIND, guard("bind", "roles")),
    "bind is asked on roles, not on bindings": binding(
        False, TO_BIND, guard("bind", "rolebindings clusterrolebindings")
    ),
    "escalate does not bind": binding(False, TO_BIND, guard("escalate", "clusterroles")),
    "bind may name the role": binding(True, TO_BIND, guard("bind", "clusterroles", "editor")),
    "bind may name another role": binding(False, TO_BIND, guard("bind", "clusterroles", "view")),
    "bind in the core group is nothing": binding(False, TO_BIND, rule("bind", "clusterroles")),
    "create with a name creates nothing": binding(
        False, guard("create", "rolebindings", "new"), guard("bind", "clusterroles")
    ),
    "the star of verbs binds": binding(True, guard("*", "rolebindings clusterroles")),
    "a RoleBinding needs create on rolebindings": binding(
        False, guard("create", "clusterrolebindings"), guard("bind", "clusterroles")
    ),
    "a ClusterRoleBinding needs create on clusterrolebindings": binding(
        False, guard("create", "rolebindings"), guard("bind", "clusterroles"), namespace=""
    ),
    "a ClusterRoleBinding with bind": binding(True, TO_BIND, guard("bind", "clusterroles"), namespace=""),
    "what is held in the namespace is enough there": within(True, TO_BIND, *EDITOR["rules"]),
    "bind in the namespace is enough there": within(True, TO_BIND, guard("bind", "clusterroles")),
    "neither is enough in another": within(False, TO_BIND, guard("bind", "clusterroles"), namespace="beta"),
    "nor for the whole cluster": within(False, *EVERYTHING, namespace=""),
    "what is held in the namespace is nothing in the whole cluster": MayBind(
        [EDITOR, *hold(TO_BIND), *hold(*EDITOR["rules"], namespace="alpha", name="more")], JANE, CLUSTER_WIDE, False
    ),
    "a missing role may be bound with bind": binding(
        True, TO_BIND, guard("bind", "clusterroles"), target="ClusterRole/none"
    ),
    "a missing role may not be bound by who has all": binding(
        False, rule("*", "secrets pods", ("*",)), TO_BIND, target="ClusterRole/none"
    ),
    "an empty role may be bound by who may create": MayBind(
        [role("empty"), *hold(TO_BIND)], JANE, bind("ClusterRole/empty", "User/jane", name="new"), True
    ),
    "a Role is bound with bind on roles": MayBind(
        [LOCAL, *hold(TO_BIND, guard("bind", "roles"))], JANE, bind("Role/local", "User/j", namespace="alpha"), True
    ),
    "an aggregating role is what it aggregates": MayBind(
        [VIEW, PART, *hold(TO_BIND, PODS)], JANE, bind("ClusterRole/view", "User/john", name="new"), True
    ),
    "an aggregating role is no less": MayBind(
        [VIEW, PART, *hold(TO_BIND)], JANE, bind("ClusterRole/view", "User/john", name="new"), False
    ),
    "a role with a star is bound only by who has it": MayBind(
        [role("all", rule("*", "pods")), *hold(TO_BIND, rule("get list create update patch delete", "pods"))],
        JANE,
        bind("ClusterRole/all", "User/john", name="new"),
        False,
    ),
    "masters bind anything": MayBind([EDITOR], ROOT, CLUSTER_WIDE, True),
}

NEW = role("new", PODS)

WRITING: dict[str, Case] = {
    "create alone writes no role": writing(False, NEW, "create", TO_WRITE),
    "having it all writes a role": writing(True, NEW, "create", TO_WRITE, PODS),
    "having a part does not": writing(False, NEW, "create", TO_WRITE, rule("get", "pods")),
    "having it all and no create does not": writing(False, NEW, "create", PODS),
    "escalate writes a role": writing(True, NEW, "create", TO_WRITE, guard("escalate", "clusterroles")),
    "escalate alone does not": writing(False, NEW, "create", guard("escalate", "clusterroles")),
    "bind does not": writing(False, NEW, "create", TO_WRITE, guard("bind", "clusterroles")),
    "escalate on the other kind does not": writing(False, NEW, "create", TO_WRITE, guard("escalate", "roles")),
    "escalate with a name creates nothing": writing(
        False, NEW, "create", TO_WRITE, guard("escalate", "clusterroles", "new")
    ),
    "escalate with a name updates": writing(
        True, role("editor", rule("*", "*")), "update", TO_WRITE, guard("escalate", "clusterroles", "editor")
    ),
    "escalate with another name does not": writing(
        False, role("editor", rule("*", "*")), "patch", TO_WRITE, guard("escalate", "clusterroles", "mine")
    ),
    "update with a name updates": writing(True, role("editor"), "update", guard("update", "clusterroles", "editor")),
    "a role that loses rules needs the rest only": writing(True, role("editor", PODS), "update", TO_WRITE, PODS),
    "a role that stays as it is needs update alone": writing(True, EDITOR, "update", TO_WRITE),
    "or patch": writing(True, EDITOR, "patch", guard("patch", "clusterroles", "editor")),
    "and not nothing": writing(False, EDITOR, "patch", PODS),
    "a role that gets a label is judged": writing(
        False, role("editor", *EDITOR["rules"], labels="to-view"), "patch", TO_WRITE
    ),
    "an aggregating role that stays as it is needs update alone": MayWrite(
        [VIEW, *hold(TO_WRITE)], JANE, VIEW, "update", True
    ),
    "a role without rules needs nothing": writing(True, role("new"), "create", TO_WRITE),
    "a Role is judged in its namespace": writing(True, LOCAL, "create", TO_WRITE, PODS, namespace="alpha"),
    "a Role in another namespace is not": writing(
        False, role("local", PODS, namespace="beta"), "create", TO_WRITE, PODS, namespace="alpha"
    ),
    "a ClusterRole is not judged in a namespace": writing(False, NEW, "create", TO_WRITE, PODS, namespace="alpha"),
    "an aggregation rule needs everything": writing(False, VIEW, "create", TO_WRITE, PODS),
    "everything writes an aggregation rule": writing(True, VIEW, "create", *EVERYTHING),
    "so does every verb on all resources, escalate being one": writing(True, VIEW, "create", EVERYTHING[0]),
    "all known verbs do not": writing(
        False, VIEW, "create", rule("get list watch create update patch delete deletecollection", "*", ("*",))
    ),
    "escalate writes an aggregation rule": writing(True, VIEW, "create", TO_WRITE, guard("escalate", "clusterroles")),
    "to create a role without one does not, whatever is there": MayWrite(
        [VIEW, *hold(TO_WRITE, PODS)], JANE, role("view"), "create", True
    ),
    "to take an aggregation rule away needs everything": MayWrite(
        [VIEW, *hold(TO_WRITE, PODS)], JANE, role("view"), "update", False
    ),
    "a role for paths needs the paths": writing(False, role("new", urls("get", "/*")), "create", TO_WRITE, PODS),
    "masters write anything": MayWrite([], ROOT, VIEW, "create", True),
}
