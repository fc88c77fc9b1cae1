from __future__ import annotations

import pytest

from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.findings import Severity
from firedoor.model.rbac_graph import EdgeKind, LeftOut
from tests.engine.rbac_risks.loading import account, binding, group, role, user
from tests.usecases.rbac_graphs import DEFAULTS, PODS, SECRETS, SHOP, edges, graph, ids, risks


class TestNamespace:
    def test_it_has_its_bindings_and_those_that_concern_its_accounts(self) -> None:
        found = graph(
            account("ci"),
            account("job", "jobs"),
            role(PODS),
            binding(user("anna"), name="here", namespace="shop"),
            binding(name="there", namespace="jobs"),
            binding("{kind: ServiceAccount, namespace: shop, name: ci}", user("ben"), name="wide"),
            binding(group("system:serviceaccounts"), name="accounts"),
            binding(group("system:serviceaccounts"), name="accounts", namespace="jobs"),
            binding(group("system:serviceaccounts:shop"), name="group", namespace="jobs"),
            binding(group("developers"), user("ben"), name="others"),
            namespace="shop",
        )
        assert [each.id for each in found.nodes if each.part == "binding"] == [
            "binding/ClusterRoleBinding//accounts",
            "binding/ClusterRoleBinding//wide",
            "binding/RoleBinding/jobs/group",
            "binding/RoleBinding/jobs/there",
            "binding/RoleBinding/shop/here",
        ]
        assert [each.name for each in found.nodes if each.part == "subject"] == [
            "system:serviceaccounts",
            "system:serviceaccounts:shop",
            "ci",
            "anna",
        ]

    def test_who_is_in_a_group_of_a_binding_there_is_shown_wherever_it_is(self) -> None:
        given = (account("job", "jobs"), role(PODS), binding(group("system:serviceaccounts"), namespace="shop"))
        assert "subject/ServiceAccount/jobs/job" in ids(graph(*given, namespace="shop"))

    def test_one_of_which_nothing_was_read_is_an_error(self) -> None:
        with pytest.raises(NothingInScopeError, match="nothing was found in namespace nowhere"):
            graph(*SHOP, namespace="nowhere")

    def test_one_without_bindings_is_an_empty_graph_with_a_note(self) -> None:
        found = graph(*SHOP, account("job", "jobs"), namespace="jobs")
        assert found.nodes == ()
        assert found.notes == ("no binding in namespace jobs, or for its service accounts, is there to show",)

    def test_unbound_roles_are_counted_there_only(self) -> None:
        spare = (role(PODS, name="spare", namespace="shop"), role(PODS, name="spare", namespace="jobs"))
        assert graph(*SHOP, *spare, role(PODS)).left_out == LeftOut(unbound=3)
        assert graph(*SHOP, *spare, role(PODS), namespace="shop").left_out == LeftOut(unbound=1)


class TestSubject:
    def test_it_is_shown_with_what_it_has_itself_and_through_groups(self) -> None:
        found = graph(
            *SHOP,
            role(PODS, name="all"),
            binding(group("system:serviceaccounts:shop"), user("ben"), role="ClusterRole/all", name="all"),
            binding(user("ben"), role="ClusterRole/all", name="bens"),
            subjects=("system:serviceaccount:shop:ci",),
        )
        assert [each.id for each in found.nodes if each.part in {"subject", "binding"}] == [
            "subject/Group//system:serviceaccounts:shop",
            "subject/ServiceAccount/shop/ci",
            "binding/ClusterRoleBinding//all",
            "binding/RoleBinding/shop/b",
        ]
        assert edges(found, EdgeKind.MEMBER) == [
            ("subject/ServiceAccount/shop/ci", "subject/Group//system:serviceaccounts:shop")
        ]

    def test_groups_that_are_given_count_for_its_users(self) -> None:
        given = (role(PODS), binding(group("developers")), binding(user("ben"), name="bens"))
        found = graph(*given, subjects=("anna",), groups=("developers", "idle"))
        assert ids(found)[:3] == ["subject/Group//developers", "subject/Group//idle", "subject/User//anna"]
        assert edges(found, EdgeKind.MEMBER) == [
            ("subject/User//anna", "subject/Group//developers"),
            ("subject/User//anna", "subject/Group//idle"),
        ]

    def test_a_group_is_one_and_a_name_can_be_that_of_both(self) -> None:
        given = (role(PODS), binding(group("dev"), name="g"), binding(user("dev"), name="u"), binding(user("ben")))
        found = graph(*given, subjects=("dev",))
        assert ids(found)[:4] == [
            "subject/Group//dev",
            "subject/User//dev",
            "binding/ClusterRoleBinding//g",
            "binding/ClusterRoleBinding//u",
        ]
        assert "Group" not in {each.kind for each in graph(*given, subjects=("ben",)).nodes}

    def test_several_are_shown_together(self) -> None:
        given = (role(PODS), binding(user("anna"), name="a"), binding(user("ben")), binding(user("eve"), name="e"))
        assert [each.name for each in graph(*given, subjects=("anna", "eve")).nodes][:2] == ["anna", "eve"]

    def test_with_a_namespace_it_is_what_it_has_there(self) -> None:
        given = (role(PODS), binding(user("anna"), name="wide"), binding(user("anna"), name="there", namespace="jobs"))
        found = graph(*given, *SHOP, subjects=("anna",), namespace="shop")
        assert [each.id for each in found.nodes if each.part == "binding"] == ["binding/ClusterRoleBinding//wide"]

    def test_one_that_nothing_is_for_is_alone_with_a_note(self) -> None:
        found = graph(*SHOP, account("idle"), subjects=("system:serviceaccount:shop:idle",))
        assert ids(found) == ["subject/ServiceAccount/shop/idle"]
        assert found.notes == ("no binding for system:serviceaccount:shop:idle is there to show",)
        inside = graph(*SHOP, account("idle"), subjects=("system:serviceaccount:shop:idle",), namespace="shop")
        assert inside.notes == (
            "no binding for system:serviceaccount:shop:idle in namespace shop and of the cluster is there to show",
        )

    def test_masters_are_told_of(self) -> None:
        note = "members of system:masters may do everything, whatever roles say"
        given = (role(PODS), binding(group("system:masters"), user("anna")))
        assert graph(*given, subjects=("anna",)).notes == ()
        assert graph(*given, subjects=("anna",), groups=("system:masters",)).notes == (f"User anna: {note}",)
        assert graph(*given, subjects=("system:masters",)).notes == (f"Group system:masters: {note}",)

    def test_anonymous_needs_no_binding_of_its_own(self) -> None:
        given = (role(PODS), binding(group("system:unauthenticated")))
        found = graph(*given, subjects=("system:anonymous",))
        assert edges(found, EdgeKind.MEMBER) == [
            ("subject/User//system:anonymous", "subject/Group//system:unauthenticated")
        ]

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("shop/ci", "did you mean system:serviceaccount:shop:ci?"),
            ("ana", "did you mean anna?"),
            ("", "is named ''; write a user name"),
            ("zzzz", "is named 'zzzz'; write a user name"),
        ],
    )
    def test_an_unknown_one_is_an_error_with_a_hint(self, name: str, hint: str) -> None:
        with pytest.raises(UsageError) as error:
            graph(*SHOP, binding(user("anna"), name="x"), subjects=(name,))
        assert hint in str(error.value)

    def test_groups_alone_are_an_error(self) -> None:
        with pytest.raises(UsageError, match="--as-group is given without --as"):
            graph(*SHOP, groups=("developers",))


class TestWhatComesWithKubernetes:
    USUAL = (
        role(PODS, name="system:x", labels=DEFAULTS),
        binding(group("system:nodes"), role="ClusterRole/system:x", name="system:x", labels=DEFAULTS),
    )

    def test_it_is_left_out_and_counted(self) -> None:
        found = graph(*SHOP, *self.USUAL)
        assert found.left_out == LeftOut(bindings=1)
        assert "binding/ClusterRoleBinding//system:x" not in ids(found)
        whole = graph(*SHOP, *self.USUAL, usual=True)
        assert whole.left_out == LeftOut()
        assert "binding/ClusterRoleBinding//system:x" in ids(whole)

    def test_nothing_else_is_an_empty_graph_with_a_note(self) -> None:
        found = graph(*self.USUAL)
        assert (found.nodes, found.left_out.bindings, len(found.notes)) == ((), 1, 1)

    def test_a_role_that_somebody_else_is_bound_to_is_shown(self) -> None:
        found = graph(*self.USUAL, account("ci"), binding(role="ClusterRole/system:x"))
        assert "role/ClusterRole//system:x" in ids(found)

    def test_a_binding_with_a_subject_more_is_shown_whole(self) -> None:
        more = binding(
            group("system:nodes"), user("eve"), role="ClusterRole/system:x", name="system:x", labels=DEFAULTS
        )
        found = graph(self.USUAL[0], more)
        assert [each.name for each in found.nodes if each.part == "subject"] == ["system:nodes", "eve"]

    def test_bindings_for_nobody_are_left_out_only_if_they_come_with_kubernetes(self) -> None:
        nobody = binding(name="mine").partition("subjects")[0]
        system = binding(name="system:node", labels=DEFAULTS).partition("subjects")[0]
        found = graph(role(PODS), nobody, system)
        assert ids(found) == ["binding/ClusterRoleBinding//mine", "role/ClusterRole//r"]
        assert found.left_out == LeftOut(bindings=1)
        assert graph(*SHOP, nobody, namespace="shop").left_out == LeftOut()

    def test_aggregated_roles_are_left_out_unless_they_are_bound(self) -> None:
        gathering = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: admin}}]}\n"
        given = (
            role(name="admin", more=gathering, labels=DEFAULTS),
            role(SECRETS, name="system:to-admin", labels=f"to: admin, {DEFAULTS}"),
            role(PODS, name="mine", labels="to: admin"),
            binding(user("anna"), role="ClusterRole/admin"),
        )
        found = graph(*given)
        assert edges(found, EdgeKind.AGGREGATES) == [("role/ClusterRole//admin", "role/ClusterRole//mine")]
        assert found.left_out == LeftOut(roles=1)
        assert risks(found)["role/ClusterRole//admin"] == {"secrets-read": Severity.CRITICAL}
        assert len(edges(graph(*given, usual=True), EdgeKind.AGGREGATES)) == 2
        bound = graph(*given, binding(user("ben"), role="ClusterRole/system:to-admin", name="x"))
        assert (len(edges(bound, EdgeKind.AGGREGATES)), bound.left_out) == (2, LeftOut())
