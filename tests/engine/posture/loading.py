"""Manifests as the context that checks look at."""

from pathlib import Path

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.posture import Context
from firedoor.engine.reach.cni import SPEC, CniProfile, detect
from firedoor.engine.reach.network import Network
from firedoor.model.snapshot import Snapshot

FIXTURES = Path(__file__).parent / "fixtures"


def context_of(snapshot: Snapshot, cni: CniProfile = SPEC) -> Context:
    images = [image for member in snapshot.workloads for image in member.template.spec.images]
    names = [(each.kind, each.metadata.namespace, each.metadata.name) for each in snapshot.workloads]
    return Context(snapshot, Network(snapshot, cni), detect(images, names))


def load(text: str, cni: CniProfile = SPEC) -> Context:
    snapshot = load_text(text)
    # Only newer API servers refuse an unmasked /proc without user namespaces.
    assert [gap for gap in snapshot.gaps if not gap.path.endswith("procMount")] == []
    return context_of(snapshot, cni)


def fixture(check: str, name: str) -> Context:
    return load((FIXTURES / check / f"{name}.yaml").read_text(encoding="utf-8"))
