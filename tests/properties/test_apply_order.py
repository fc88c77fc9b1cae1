"""On the way from some policies to others nothing is cut but what is told, and a bridge opens nothing."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.model.rollout import Action, Manifest, Step
from firedoor.model.rollout_contents import ref_of
from firedoor.model.verdicts import Verdict
from firedoor.usecases.apply_order import ordered
from firedoor.usecases.apply_states import with_steps
from tests.applying import policy
from tests.examples import some
from tests.loading import snapshot_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

APPS = ("a", "b", "c")
POD = "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {0}-{1}, namespace: {1}, labels: {{app: {0}}}}}}}\n"
PODS = "".join(POD.format(*each) for each in product(APPS, ("x", "y")))
EMPTY = snapshot_of(PODS)
Policies = dict[tuple[str, str], Manifest]


@st.composite
def policies(draw: st.DrawFn) -> Policies:
    """Some policies by namespace and name, for the pods of an app or for all, in one direction or in both."""
    found: Policies = {}
    for space, name in draw(
        st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("pqr")), max_size=4, unique=True)
    ):
        made = policy(space, name, draw(st.sampled_from(("", *APPS))))
        types = draw(st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"])))
        made["spec"]["policyTypes"] = types
        for each, key in (("Ingress", "from"), ("Egress", "to")):
            if each in types:
                peers = [
                    {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": app}}}
                    for app in draw(st.sets(st.sampled_from(APPS), max_size=2))
                ]
                ports = draw(st.sampled_from(({}, {"ports": [{"port": 80}]})))
                made["spec"][each.lower()] = [{key: sorted(peers, key=str), **ports}] if peers else []
        found[space, name] = made
    return found


def steps_between(old: Policies, new: Policies) -> list[Step]:
    found = [Step(ref_of(old[key]), Action.DELETE, old[key]) for key in old.keys() - new.keys()]
    for key, each in new.items():
        if old.get(key) != each:
            action = Action.CHANGE if key in old else Action.CREATE
            found.append(Step(ref_of(each), action, old.get(key), each, each))
    return found


def create(manifest: Manifest) -> Step:
    return Step(ref_of(manifest), Action.CREATE, None, manifest, manifest)


def passing(network: Network) -> set[tuple[int, int, int]]:
    ends = range(len(network.members))
    return {
        (source, destination, port)
        for source, destination, port in product(ends, ends, (80, 81))
        if network.verdict(source, destination, "TCP", port) is Verdict.ACCEPTED
    }


@some
@given(policies(), policies())
def test_no_state_between_cuts_what_is_not_told_or_opens_what_was_and_will_be_closed(
    old: Policies, new: Policies
) -> None:
    snapshot = with_steps(EMPTY, [create(each) for each in old.values()])
    steps = steps_between(old, new)
    found = ordered(snapshot, steps, SPEC, create)
    before, after = passing(Network(snapshot)), passing(Network(with_steps(snapshot, steps)))
    cut = {each.after for each in found.cuts}
    taken = [step for wave in found.waves for step in wave.steps]
    is_bridged, now = False, before
    for number, step in enumerate(taken, 1):
        now = passing(Network(with_steps(snapshot, taken[:number])))
        is_bridged = step.action is Action.CREATE if step.is_bridge else is_bridged
        assert step.ref in cut or now >= before & after
        assert not is_bridged or now <= before | after
    assert now == after
    assert {(each.ref, each.action) for each in taken if not each.is_bridge} == {
        (each.ref, each.action) for each in steps
    }
    assert [each.namespace for each in found.waves] == sorted({each.ref.namespace for each in steps})
