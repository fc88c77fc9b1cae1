"""What policies that are not in force would have done, by what was seen meanwhile."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import FiredoorError
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.journal import Begin, Gates, Record
from firedoor.model.preview import Foresight
from firedoor.model.rollout import Action, Cut, Manifest, Ordering, Step, Wave
from firedoor.model.rollout_contents import ref_of
from firedoor.usecases import apply_states
from firedoor.usecases.apply_gates import require_gates
from firedoor.usecases.apply_observing import foreseen, judged_stage, stage_notes, with_stage
from tests.applying import from_app, policy
from tests.loading import snapshot_of


def pod(namespace: str, name: str) -> str:
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return f"---\n{msgspec.json.encode({'apiVersion': 'v1', 'kind': 'Pod', 'metadata': metadata}).decode()}\n"


SHOP = snapshot_of(pod("shop", "web") + pod("shop", "db") + pod("shop", "job") + pod("far", "far"))
ALLOWED, AUDITED = FlowVerdict.ALLOWED, FlowVerdict.AUDITED


def create(manifest: Manifest) -> Step:
    return Step(ref_of(manifest), Action.CREATE, None, manifest, manifest)


def edge(source: str, destination: str, verdict: FlowVerdict = ALLOWED, last: int = 50) -> FlowEdge:
    ends = (each.split("/") for each in (source, destination))
    first, second = (FlowPeer(PeerKind.WORKLOAD, namespace, "Pod", name) for namespace, name in ends)
    return FlowEdge(first, second, "TCP", 80, verdict, 1, 5, last)


WEB = create(policy("shop", "web", "web", from_app("db")))


def seen(*edges: FlowEdge) -> Foresight:
    return foreseen(SHOP, [WEB], SPEC, edges, 10)


def test_what_was_seen_since_then_and_would_break_is_found_and_what_is_older_is_not() -> None:
    found = seen(edge("shop/db", "shop/web"), edge("shop/job", "shop/web"), edge("far/far", "shop/web", last=9))
    assert (found.seen, found.cut, found.staged) == (2, 1, ())
    assert [each.source for each in found.breaking] == ["Pod shop/job"]


def test_what_a_staged_policy_denied_counts_once_where_the_engine_says_the_same() -> None:
    found = seen(edge("shop/job", "shop/web", AUDITED), edge("shop/db", "shop/web", AUDITED))
    assert [each.source for each in found.breaking] == ["Pod shop/job"]
    assert [each.source.name for each in found.staged] == ["db"]
    assert found.cut == 2


def test_what_was_audited_elsewhere_is_not_about_these_policies() -> None:
    assert seen(edge("far/far", "far/other", AUDITED)).cut == 0
    everywhere = create({**policy("", "all"), "kind": "GlobalNetworkPolicy", "apiVersion": "projectcalico.org/v3"})
    assert foreseen(SHOP, [everywhere], SPEC, [edge("far/far", "far/other", AUDITED)], 10).cut == 1


def test_what_is_not_observed_is_told() -> None:
    networks = {"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkSet", "metadata": {"name": "nets"}}
    gone = Step(ref_of(policy("shop", "old")), Action.DELETE, policy("shop", "old"))
    other = (
        "---\napiVersion: projectcalico.org/v3\nkind: StagedNetworkPolicy\n"
        "metadata: {name: theirs, namespace: far}\nspec: {selector: all()}\n"
    )
    told = list(stage_notes(snapshot_of(pod("shop", "web") + other), [WEB, create(networks), gone]))
    assert [each.partition(" is ")[0] for each in told[:2]] == ["GlobalNetworkSet nets", "NetworkPolicy shop/old"]
    assert told[2].startswith("what StagedNetworkPolicy far/theirs would deny counts as well")
    assert list(stage_notes(SHOP, [WEB])) == []


def test_only_what_is_enforced_is_staged_and_removed_in_its_wave() -> None:
    networks = create({"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkSet", "metadata": {"name": "nets"}})
    bridge = msgspec.structs.replace(WEB, is_bridge=True)
    gone = Step(ref_of(policy("shop", "old")), Action.DELETE, policy("shop", "old"))
    found = with_stage(Ordering((Wave("shop", (bridge, WEB, gone)), Wave("", (networks,)))), create)
    stage, shop, rest = found.waves
    assert (stage.is_stage, [each.ref.kind for each in stage.steps]) == (True, ["StagedKubernetesNetworkPolicy"])
    assert shop.steps[:3] == (bridge, WEB, gone)
    assert [(each.action, each.ref, each.is_stage) for each in shop.steps[3:]] == [
        (Action.DELETE, stage.steps[0].ref, True)
    ]
    assert rest == Wave("", (networks,))


def cluster(name: str, priority: int, action: str) -> Manifest:
    """Return a policy for what comes into shop."""
    peers: list[Any] = [{"namespaces": {}}]
    spec = {"tier": "Admin", "priority": priority, "subject": SUBJECT, "ingress": [{"action": action, "from": peers}]}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy", "metadata": {"name": name},
        "spec": spec,
    }  # fmt: skip


SUBJECT = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
OURS = create(cluster("ours", 10, "Accept"))
ISOLATE = create(policy("shop", "isolate"))
ACCEPTED = snapshot_of(
    "".join(pod(*each.split("/")) for each in ("shop/web", "far/far"))
    + "---\n"
    + msgspec.json.encode(cluster("theirs", 20, "Accept")).decode()
)


def staged(*steps: Step, **already: Any) -> Ordering:
    return with_stage(Ordering(tuple(Wave(each.ref.namespace, (each,)) for each in steps), **already), create)


def test_a_policy_that_is_staged_under_its_name_begins_as_what_was_staged() -> None:
    stage, wave = staged(OURS).waves
    (first,), (second,) = stage.steps, wave.steps
    assert (first.action, first.is_stage, first.before) == (Action.CREATE, True, None)
    assert (second.action, second.is_stage, second.before, second.after) == (
        Action.CHANGE, False, first.after, OURS.after,
    )  # fmt: skip
    assert [each.path for each in second.fields] == ["spec.ingress"]


def test_the_state_with_all_that_is_staged_and_each_on_the_way_is_judged() -> None:
    found = judged_stage(staged(OURS), SHOP, SPEC)
    assert (found.stage_opens, found.stage_cuts, found.states) == ((), (), 1)
    # What is staged passes to the policy that isolates, which the one in force would not.
    found = judged_stage(staged(ISOLATE, OURS), ACCEPTED, SPEC)
    assert found.stage_opens == ()
    assert [str(each.after) for each in found.stage_cuts] == ["NetworkPolicy shop/isolate"]
    # A person who wants what is cut anyway wants this too.
    assert judged_stage(staged(ISOLATE, OURS, cuts=(Cut(OURS.ref, ()),)), ACCEPTED, SPEC).stage_cuts == ()


def test_in_large_clusters_only_the_state_with_all_that_is_staged_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_states, "MOST_PODS", 1)
    other = create(cluster("other", 11, "Deny"))
    found = judged_stage(staged(OURS, other), SHOP, SPEC)
    assert (found.is_judged, found.states, found.stage_opens, found.stage_cuts) == (False, 1, (), ())
    allowed = msgspec.json.encode(cluster("theirs", 20, "Accept")).decode()
    isolated = snapshot_of(
        pod("shop", "web") + pod("far", "far") + "---\n" + allowed + "\n---\n"
        + msgspec.json.encode(policy("shop", "x")).decode()
    )  # fmt: skip
    found = judged_stage(staged(OURS), isolated, SPEC)
    assert [str(each.after) for each in found.stage_cuts] == ["ClusterNetworkPolicy ours"]


def test_nothing_is_judged_where_nothing_is_staged_under_its_name_or_the_server_refuses() -> None:
    assert judged_stage(staged(WEB), SHOP, SPEC).states == 0
    assert judged_stage(staged(msgspec.structs.replace(OURS, rejection="no")), SHOP, SPEC).states == 0


def test_what_is_audited_is_not_by_a_policy_that_is_staged_under_its_name() -> None:
    assert foreseen(SHOP, [OURS], SPEC, [edge("shop/job", "shop/web", AUDITED)], 10).cut == 0


class Around:
    """Surroundings that foresee what they are told, and wait for nothing."""

    def __init__(self, found: Foresight) -> None:
        self.found = found
        self.told: list[str] = []
        self.waited = 0.0

    def wait(self, seconds: float) -> None:
        self.waited += seconds

    def tell(self, text: str) -> None:
        self.told.append(text)

    def foresee(self, gates: Gates, steps: object, since: int) -> Foresight:  # noqa: ARG002 - told beforehand
        return self.found


def observed(found: Foresight, most: int | None = None) -> Around:
    stage = Wave("", (msgspec.structs.replace(WEB, is_stage=True),), is_stage=True)
    gates = Gates(observe=600.0, most_denied=most)
    record = Record(Begin("id", "", "", (), (), (stage, Wave("shop", (WEB,))), gates))
    around: Any = Around(found)
    nobody: Any = None
    require_gates(record, stage, 10, nobody, around)
    return around  # type: ignore[no-any-return]


def test_it_goes_on_where_so_few_would_be_cut_and_says_what_is_not_known() -> None:
    found = seen(edge("shop/job", "shop/web", AUDITED), edge("shop/db", "shop/web", AUDITED))
    around = observed(msgspec.structs.replace(found, unsure=3), 2)
    assert around.waited == 600.0
    assert around.told[-1] == "2 connections were seen, 2 would be cut, 3 cannot be decided"
    assert observed(Foresight(4)).told[-1] == "4 connections were seen, 0 would be cut"


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ((), "the store has no flow"),
        (
            (edge("shop/job", "shop/web"), edge("shop/db", "shop/web", AUDITED)),
            "by 2 connections that were seen meanwhile, Pod shop/job -> Pod shop/web TCP/80 would break and shop/db",
        ),
    ],
)
def test_it_does_not_go_on_where_more_would_be_cut_or_nothing_was_seen(edges: tuple[FlowEdge, ...], said: str) -> None:
    with pytest.raises(FiredoorError) as caught:
        observed(seen(*edges))
    assert str(caught.value).startswith(said)
