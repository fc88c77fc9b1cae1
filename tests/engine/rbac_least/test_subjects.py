from __future__ import annotations

from tests.engine.rbac_least.asked import JANE, WEB, WEB_SUBJECT

from firedoor.engine.rbac_least.subjects import Wanted, choose
from firedoor.model.access import MASTERS, user_named
from firedoor.model.rbac import Subject

ROOT = user_named("root", (MASTERS,))
NODE = user_named("system:node:a", ("system:nodes",))
JOHN = user_named("john", ("devs", "ops"))
USERS = (WEB, JANE, JOHN, ROOT, NODE)
NODE_SUBJECT = Subject("User", "system:node:a")


def test_all_are_wanted_but_those_whom_roles_do_not_limit() -> None:
    chosen = choose(USERS, Wanted())
    assert list(chosen.wanted) == [WEB_SUBJECT, Subject("User", "jane"), Subject("User", "john")]
    assert list(chosen.exempt) == [Subject("User", "root"), NODE_SUBJECT]
    assert chosen.others == []


def test_a_node_that_is_asked_about_has_roles_and_a_master_has_none() -> None:
    chosen = choose(USERS, Wanted((NODE_SUBJECT, Subject("User", "root"))))
    assert chosen.wanted == {NODE_SUBJECT: [NODE]}
    assert list(chosen.exempt) == [Subject("User", "root")]
    assert chosen.others == [WEB, JANE, JOHN]


def test_members_share_the_roles_of_the_first_of_their_groups() -> None:
    chosen = choose(USERS, Wanted(groups=("ops", "devs")))
    assert chosen.wanted == {Subject("Group", "devs"): [JANE], Subject("Group", "ops"): [JOHN]}
    assert chosen.others == [WEB, ROOT, NODE]
    assert choose(USERS, Wanted(groups=("devs",))).wanted == {Subject("Group", "devs"): [JANE, JOHN]}


def test_a_namespace_stands_for_its_service_accounts() -> None:
    assert choose(USERS, Wanted(namespace="shop")).wanted == {WEB_SUBJECT: [WEB]}
    assert choose(USERS, Wanted(namespace="bank")).wanted == {}
    assert list(choose(USERS, Wanted((Subject("User", "jane"),), namespace="shop")).wanted) == [
        WEB_SUBJECT,
        Subject("User", "jane"),
    ]
