from __future__ import annotations

import io
import json

import msgspec
from rich.console import Console

from firedoor.model.connections import PeerEnd
from firedoor.model.difference import Difference
from firedoor.model.generation import LeftOut
from firedoor.model.places import ObjectRef
from firedoor.model.preview import Fate, Preview, Replayed
from firedoor.model.rollout import (
    Action,
    ApplyPlan,
    Conflict,
    Cut,
    FieldChange,
    Interruption,
    Manifest,
    Ordering,
    Outcome,
    PolicyRef,
    Step,
    Wave,
)
from firedoor.model.verdicts import Verdict
from firedoor.render.apply_files import MARK, apply_files
from firedoor.render.apply_json import apply_json
from firedoor.render.apply_text import print_plan
from firedoor.render.apply_words import refusal_texts

WEB = PolicyRef("networking.k8s.io/v1", "NetworkPolicy", "shop", "web")
ADMIN = PolicyRef("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", "all")
FIELD = FieldChange("spec.ingress", None, [{"x": "y" * 200}, "\x1b"])
STEPS = (
    Step(WEB, Action.CREATE, is_bridge=True),
    Step(WEB, Action.CHANGE, fields=(FIELD,), conflicts=(Conflict(".spec.ingress", "kubectl"),)),
)
CUT = Cut(
    WEB,
    (
        Interruption(
            PeerEnd(ips="10.0.0.0-10.0.0.255"), PeerEnd(ObjectRef("Pod", "shop", "db"), "db"), (("TCP", 80, 80),)
        ),
    ),
)
BREAKS = Replayed("a", "b", "TCP", 1, Fate.BREAKS, Verdict.ACCEPTED, Verdict.DENIED, 1, 0, 0)
PLAN = ApplyPlan(
    "id",
    "https://server",
    Ordering((Wave("shop", STEPS), Wave("", (Step(ADMIN, Action.CREATE, rejection="spec.x: no"),))), cuts=(CUT,)),
    (Step(WEB, Action.UNCHANGED),),
    Difference("old", "new", ()),
    Preview((BREAKS,), 3, (LeftOut("what", "why"),)),
    notes=("a note",),
)


def text(plan: ApplyPlan) -> str:
    out = io.StringIO()
    print_plan(plan, Console(file=out, width=1000, highlight=False))
    return out.getvalue()


def test_a_plan_is_told_step_by_step() -> None:
    shown = text(PLAN)
    assert "\x1b" not in shown
    value = f'[{{"x":"{"y" * 200}"}},"\\u001b"]'[:120]
    assert shown.splitlines()[:9] == [
        "3 steps on https://server, 1 object unchanged",
        "",
        "Namespace shop",
        "  create  NetworkPolicy shop/web (lets pass for a moment what would be cut between two of these steps)",
        "  change  NetworkPolicy shop/web",
        f"          spec.ingress: none -> {value}...",
        "          conflict: .spec.ingress belongs to kubectl",
        "",
        "The whole cluster",
    ]
    assert "          refused by the server: spec.x: no\nnote: a note\n" in shown
    assert "after NetworkPolicy shop/web:\n    10.0.0.0/24 -> shop/db TCP 80\n" in shown
    assert "1 connection would be cut" in shown
    assert "4 connections replayed: 1 breaks" in shown
    unjudged = msgspec.structs.replace(PLAN, ordering=Ordering(PLAN.ordering.waves, is_judged=False), preview=None)
    assert "the states between the steps were not judged" in text(unjudged)


def test_what_is_staged_and_changes_something_is_told_and_refused() -> None:
    wave = Wave("", (Step(ADMIN, Action.CREATE, is_stage=True),), is_stage=True)
    plan = ApplyPlan(
        "id", "server", Ordering((wave,), stage_opens=(CUT,), stage_cuts=(CUT, CUT)), (), PLAN.difference, observe=60.0
    )
    shown = text(plan)
    assert "what is staged would not leave everything as it is" in shown
    for verb in ("opens", "cuts"):
        assert f"after NetworkPolicy shop/web, which is staged, {verb}:\n    10.0.0.0/24 -> shop/db TCP 80\n" in shown
    first = "first after NetworkPolicy shop/web 10.0.0.0/24 -> shop/db TCP 80; leave --observe out"
    assert refusal_texts(plan, allow_breaking=True) == [
        f"what is staged would open 1 connection, {first}",
        f"what is staged would cut 2 connections, {first}",
    ]
    order = json.loads(apply_json(plan, Outcome.REFUSED, []))["order"]
    assert [len(order[each]) for each in ("cuts", "stage_opens", "stage_cuts")] == [0, 1, 2]


def test_why_a_plan_is_refused() -> None:
    assert refusal_texts(PLAN, allow_breaking=False) == [
        "the server refuses AdminNetworkPolicy all",
        "fields of NetworkPolicy shop/web belong to other managers; --force-conflicts takes them over",
        "1 seen connection would break; --allow-breaking applies all the same",
        "connections that pass before and after would be cut on the way; --allow-breaking applies all the same",
    ]
    assert len(refusal_texts(PLAN, allow_breaking=True)) == 2
    calm = ApplyPlan("id", "server", Ordering(), (), PLAN.difference, Preview((), 3))
    assert refusal_texts(calm, allow_breaking=False) == []


def test_the_same_as_json() -> None:
    document = json.loads(apply_json(PLAN, Outcome.REFUSED, ["why"]))
    assert (document["schema"], document["outcome"], document["reasons"]) == ("firedoor/apply/v1", "refused", ["why"])
    assert document["order"]["cuts"][0]["connections"] == [
        {
            "src": {"ips": "10.0.0.0-10.0.0.255"},
            "dst": {"pod": "shop/db", "workload": "shop/db", "kind": "Pod"},
            "traffic": [{"protocol": "TCP", "from": 80, "to": 80}],
        }
    ]
    assert document["waves"][0]["steps"][1]["conflicts"] == [{"field": ".spec.ingress", "manager": "kubectl"}]
    assert [each["steps"][0]["bridge"] for each in document["waves"]] == [True, False]
    assert document["preview"]["schema"] == "firedoor/preview/v1"
    assert json.loads(apply_json(msgspec.structs.replace(PLAN, preview=None), Outcome.PLANNED, []))["preview"] is None


def test_files_hold_what_is_sent_less_the_mark_of_the_apply() -> None:
    def step(ref: PolicyRef, action: Action, **metadata: Manifest) -> Step:
        found = {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {"name": ref.name, **metadata}}
        return Step(ref, action, manifest={**found, "spec": {}})

    marked = step(ADMIN, Action.CREATE, annotations={"firedoor.dev/apply": "id", "a": "b"})
    bare = step(WEB, Action.UNCHANGED, annotations={"firedoor.dev/apply": "id"})
    waves = (Wave("", (marked, Step(WEB, Action.DELETE), STEPS[0])),)
    files = apply_files(msgspec.structs.replace(PLAN, ordering=Ordering(waves), unchanged=(bare,)))
    assert sorted(files) == ["cluster-wide/002-adminnetworkpolicy-all.yaml", "shop/001-networkpolicy-web.yaml"]
    assert files["shop/001-networkpolicy-web.yaml"] == (
        f"{MARK}\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: web\nspec: {{}}\n"
    )
    assert "annotations:\n    a: b\n" in files["cluster-wide/002-adminnetworkpolicy-all.yaml"]
