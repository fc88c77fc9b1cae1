"""What a fix does to which objects, before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firedoor.engine.posture.namespace_labels import labelled
from firedoor.engine.reach.policy_objects import policy_manifest
from firedoor.errors import EditRefusedError
from firedoor.model.patching import Leaves, body, changes, collision, is_same, leaves, merged, rebased, unmatched
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.interfaces import ManifestEditor
    from firedoor.model.edits import Home
    from firedoor.model.findings import Finding
    from firedoor.model.snapshot import Snapshot

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """
    A change of one object, or a new object.

    `old` is how the object would be written in the way of the manifest, None where the manifest is merged;
    `fields` are the fields that change.
    """

    ref: ObjectRef
    manifest: Manifest
    fields: Leaves
    old: Manifest | None = None
    is_new: bool = False

    def target(self, home: Home) -> Manifest:
        """Return the object at its home as it is meant to be; raises ``EditRefusedError``."""
        wanted = body(self.manifest)
        if self.old is not None:
            return _as_dict(rebased(home.value, self.old, {**self.old, **wanted}))
        if missing := unmatched(home.value, wanted):
            problem = f"the manifest has no {missing}, which the fix is about"
            raise EditRefusedError(problem, place=str(home))
        return _as_dict(merged(home.value, wanted))


def steps_of(finding: Finding, snapshot: Snapshot) -> tuple[Step, ...]:
    """Return what the fix of a finding does."""
    return tuple(_step(finding, each, snapshot) for each in finding.fix.manifests)


def home_of(editor: ManifestEditor, ref: ObjectRef) -> Home:
    """Return the only place where an object is written; raises ``EditRefusedError``."""
    homes = editor.find(ref)
    if not homes:
        raise EditRefusedError(f"{ref} is not written in a file of its own that can be edited")
    if len(homes) > 1:
        places = " and ".join(map(str, homes[:3]))
        raise EditRefusedError(f"{ref} is written more than once, at {places}", place=str(homes[0]))
    return homes[0]


def is_there(editor: ManifestEditor, step: Step) -> bool:
    """Return whether a new object is written already; raises ``EditRefusedError`` where another one has its name."""
    homes = editor.find(step.ref)
    if not homes:
        return False
    if all(is_same(body(each.value), body(step.manifest)) for each in homes):
        return True
    raise EditRefusedError(f"{step.ref} is there already, and is something else", place=str(homes[0]))


def collisions(plans: Sequence[tuple[Finding, tuple[Step, ...]]]) -> Iterator[tuple[int, str]]:
    """Yield the positions of fixes that want the same field to be different, each with why."""
    by_object: dict[ObjectRef, list[tuple[int, Leaves]]] = {}
    for number, (_, steps) in enumerate(plans):
        for step in steps:
            by_object.setdefault(step.ref, []).append((number, step.fields))
    told: dict[int, str] = {}
    for ref, wanted in by_object.items():
        for index, (number, fields) in enumerate(wanted):
            for other, theirs in wanted[:index]:
                field = collision(fields, theirs) if other != number else ""
                if field:
                    for one, two in ((number, other), (other, number)):
                        told.setdefault(one, f"the fix of {plans[two][0].check} wants {field} of {ref} to be different")
    yield from told.items()


def _step(finding: Finding, manifest: Manifest, snapshot: Snapshot) -> Step:
    metadata = manifest["metadata"]
    ref = ObjectRef(str(manifest["kind"]), str(metadata.get("namespace") or ""), str(metadata["name"]))
    if finding.fix.is_patch:
        return Step(ref, manifest, leaves(body(manifest)))
    if ref != finding.object and not finding.fix.is_amendment:
        return Step(ref, manifest, {(): body(manifest)}, is_new=True)
    old = _as_written(ref, snapshot)
    if old is None:
        return Step(ref, manifest, leaves(body(manifest)))
    manifest = _with_types_of(old, manifest)
    fields = {tuple(map(str, each.path)): (each.kind.value, each.value) for each in changes(old, body(manifest))}
    return Step(ref, manifest, fields, old)


def _with_types_of(old: Manifest, manifest: Manifest) -> Manifest:
    """Return a manifest with ``policyTypes`` in their old order, which means nothing, where they are the same."""
    spec, before = manifest.get("spec", {}), old.get("spec", {})
    if "policyTypes" not in spec or set(spec["policyTypes"]) != set(before["policyTypes"]):
        return manifest
    return {**manifest, "spec": {**spec, "policyTypes": before["policyTypes"]}}


def _as_written(ref: ObjectRef, snapshot: Snapshot) -> Manifest | None:
    """Return an object of the snapshot in the way in which fixes write it; None of a kind that they merge."""
    if ref.kind == "NetworkPolicy":
        return next((body(policy_manifest(each)) for each in snapshot.network_policies if each.ref == ref), None)
    if ref.kind == "Namespace":
        names = (each for each in snapshot.namespaces if each.metadata.name == ref.name)
        return next((body(labelled(each, {})) for each in names), None)
    return None


def _as_dict(value: Any) -> Manifest:
    assert isinstance(value, dict)  # noqa: S101 - an object that is patched is an object
    return value
