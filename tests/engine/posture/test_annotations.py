from __future__ import annotations

import textwrap
from datetime import date

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.posture.annotations import annotated, labels_of
from firedoor.model.exceptions import Carrier, Waiver
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.snapshot import Snapshot

KNOWN = ("pod-unprotected", "dns-blocked", "secrets-read")
WEB = ObjectRef("Deployment", "shop", "web")
TEMPLATE = "{metadata: {labels: {app: web}%s}, spec: {containers: [{name: c, image: i}]}}"


def snapshot_of(text: str) -> Snapshot:
    return load_text(textwrap.dedent(text))


def on_namespace(text: str) -> tuple[tuple[Waiver, ...], tuple[Gap, ...]]:
    value = text.replace("\n", "\\n")
    annotations = f'{{firedoor.dev/ignore: "{value}"}}'
    return annotated(
        load_text(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, annotations: {annotations}}}}}"), KNOWN
    )


def owned_by(owner: str) -> str:
    kind, _, name = owner.partition("/")
    references = f"[{{kind: {kind}, name: {name}, controller: true, apiVersion: apps/v1, uid: u}}]"
    return f", ownerReferences: {references}" if owner else ""


def noted(text: str) -> str:
    return f", annotations: {{firedoor.dev/ignore: '{text}'}}" if text else ""


def workload(kind: str, name: str, annotation: str = "", template: str = "", owner: str = "") -> str:
    return (
        f"apiVersion: apps/v1\nkind: {kind}\n"
        f"metadata: {{name: {name}, namespace: shop{noted(annotation)}{owned_by(owner)}}}\n"
        f"spec:\n  selector: {{matchLabels: {{app: web}}}}\n  template: {TEMPLATE % noted(template)}\n---\n"
    )


def pod(name: str, annotation: str, owner: str = "") -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop{noted(annotation)}{owned_by(owner)}}}\n"
        "spec: {containers: [{name: c, image: i}]}\n---\n"
    )


def told(text: str) -> list[tuple[str, str]]:
    waivers, gaps = annotated(load_text(text), KNOWN)
    assert gaps == ()
    return [(str(each.scope.object), each.reason) for each in waivers if isinstance(each.scope, Carrier)]


def test_entries_stand_between_semicolons_or_on_lines_of_their_own() -> None:
    waivers, gaps = on_namespace(" pod-unprotected = old=fine ;; dns-blocked@2027-01-31=soon\n*=a sandbox;")
    scope = Carrier(ObjectRef("Namespace", "", "shop"))
    assert waivers == (
        Waiver(("pod-unprotected",), scope, "old=fine", "<stdin>:1"),
        Waiver(("dns-blocked",), scope, "soon", "<stdin>:1", date(2027, 1, 31)),
        Waiver(("*",), scope, "a sandbox", "<stdin>:1"),
    )
    assert gaps == ()


@pytest.mark.parametrize(
    ("text", "reason", "remedy"),
    [
        ("pod-unprotected", "has no reason", "check-id=reason"),
        ("pod-unprotected=", "has no reason", "check-id=reason"),
        ("*", "has no reason", "check-id=reason"),
        ("pod-unprotectd=x", "names no check that there is", "did you mean pod-unprotected?"),
        ("qqq=x", "names no check that there is", "`firedoor checks`"),
        ("=x", "names no check that there is", "`firedoor checks`"),
        ("dns-blocked@soon=x", "has no day after the @, 'soon' is no day", "2027-01-31"),
        ("dns-blocked@2027-02-30=x", "there is no day 2027-02-30", "2027-01-31"),
        ("dns-blocked@=x", "has no day after the @", "2027-01-31"),
        ("x" * 100 + "=y", "x" * 60 + "...' names no check", "`firedoor checks`"),
    ],
)
def test_an_entry_that_cannot_be_understood_is_a_gap_and_spares_its_neighbours(
    text: str, reason: str, remedy: str
) -> None:
    waivers, (gap,) = on_namespace(f"{text}; secrets-read=needed")
    assert [each.reason for each in waivers] == ["needed"]
    assert (gap.kind, gap.object, gap.scope) == (GapKind.UNREADABLE, ObjectRef("Namespace", "", "shop"), None)
    assert reason in gap.reason
    assert gap.reason.endswith("it is not applied")
    assert remedy in gap.remedy


def test_a_workload_and_the_template_of_its_pods_speak_for_the_workload() -> None:
    assert told(workload("Deployment", "web", "pod-unprotected=own", "dns-blocked=inner")) == [
        (str(WEB), "own"),
        (str(WEB), "inner"),
    ]


def test_what_is_said_twice_of_one_object_counts_once() -> None:
    assert told(workload("Deployment", "web", "pod-unprotected=own", "pod-unprotected=own")) == [(str(WEB), "own")]


def test_what_a_workload_makes_only_repeats_it() -> None:
    owned = workload("ReplicaSet", "web-1", "pod-unprotected=own", "dns-blocked=old", owner="Deployment/web")
    pods = pod("web-1-a", "dns-blocked=old", "ReplicaSet/web-1")
    assert told(workload("Deployment", "web", "pod-unprotected=own") + owned + pods) == [(str(WEB), "own")]


def test_of_an_owner_that_was_not_read_what_it_makes_speaks() -> None:
    owned = workload("ReplicaSet", "web-1", template="dns-blocked=inner", owner="Rollout/web")
    assert told(owned) == [("Rollout shop/web", "inner")]
    pods = "".join(pod(f"web-{each}", "dns-blocked=inner", "StatefulSet/web") for each in "ab")
    assert told(pods) == [("StatefulSet shop/web", "inner")]


def test_a_pod_of_its_own_speaks_for_itself() -> None:
    assert told(pod("toolbox", "pod-unprotected=short lived")) == [("Pod shop/toolbox", "short lived")]


def test_the_place_is_the_line_of_the_annotation() -> None:
    text = """\
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      annotations:
        other: text
        firedoor.dev/ignore: pod-unprotected=own
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata:
          labels: {app: web}
          annotations:
            firedoor.dev/ignore: |
              dns-blocked=inner
        spec: {containers: [{name: c, image: i}]}
    ---
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: night, namespace: shop}
    spec:
      schedule: "0 3 * * *"
      jobTemplate:
        spec:
          template:
            metadata:
              annotations:
                firedoor.dev/ignore: dns-blocked=inner
            spec: {restartPolicy: Never, containers: [{name: c, image: i}]}
    """
    waivers, _ = annotated(snapshot_of(text), KNOWN)
    assert [each.place for each in waivers] == ["<stdin>:29", "<stdin>:8", "<stdin>:15"]


def test_labels_are_those_of_objects_and_of_the_pods_of_workloads() -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n---\n"
    found = labels_of(load_text(namespace + workload("Deployment", "web") + pod("toolbox", "dns-blocked=x")))
    assert found == {
        ObjectRef("Namespace", "", "shop"): ({"team": "a"},),
        WEB: ({}, {"app": "web"}),
        ObjectRef("Pod", "shop", "toolbox"): ({},),
    }
