from __future__ import annotations

from tests.engine.rbac_least.asked import WEB, WEB_SUBJECT, for_object, rule

from firedoor.engine.rbac_least.objects import generated
from firedoor.engine.rbac_least.proof import prove, without_each_part
from firedoor.model.least_access import LeastProof
from firedoor.model.rbac import PolicyRule

GET = for_object("get", "pods", "shop", "x")
LIST = for_object("list", "pods", "shop")


def proof(everywhere: tuple[PolicyRule, ...] = (), shop: tuple[PolicyRule, ...] = ()) -> LeastProof:
    rules = {"": everywhere, "shop": shop}
    return prove(
        *generated(WEB_SUBJECT, {key: found for key, found in rules.items() if found}), [(WEB, GET), (WEB, LIST)]
    )


def test_exact_roles_are_enough_and_each_part_is_needed() -> None:
    found = proof(shop=(rule("get list", "pods"),))
    assert found == LeastProof(2, 2, 4, 4)
    assert found.holds


def test_roles_that_lack_a_verb_are_not_enough() -> None:
    found = proof(shop=(rule("get", "pods"),))
    assert (found.allowed, found.holds) == (1, False)


def test_a_verb_a_resource_a_name_and_a_rule_too_much_are_found() -> None:
    for more in (rule("get list watch", "pods"), rule("get list", "pods secrets")):
        found = proof(shop=(more,))
        assert (found.allowed, found.parts - found.needed, found.holds) == (2, 1, False)
    named = proof(shop=(rule("get", "pods", names="x y"), rule("list", "pods")))
    assert named.parts - named.needed == 1
    twice = proof(everywhere=(rule("get", "pods"),), shop=(rule("get list", "pods"),))
    assert twice.allowed == 2
    # Each of the two rules makes the other needless: the cluster's three parts, and the verb in the namespace.
    assert twice.parts - twice.needed == 4


def test_without_its_last_name_a_rule_permits_nothing_rather_than_everything() -> None:
    assert list(without_each_part(rule("get", "pods", names="x"))) == [(), (), (), ()]
    assert list(without_each_part(rule("get", urls="/a /b"))) == [
        (),
        (rule("get", urls="/b"),),
        (rule("get", urls="/a"),),
    ]
