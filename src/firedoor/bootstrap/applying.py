"""Policies to be applied, the cluster they are written to, and the journals of what was done."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.errors import SourceError
from firedoor.interfaces import Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from firedoor.adapters.cluster.writing import LivePolicyClient
    from firedoor.adapters.journal import JournalFolder
    from firedoor.model.flow_reading import FlowQuestion
    from firedoor.model.flows import FlowEdge
    from firedoor.model.journal import Gates, ProbeGate
    from firedoor.model.preview import Foresight
    from firedoor.model.rollout import Manifest, Step
    from firedoor.model.snapshot import Snapshot

_TIMEOUT = 60.0
_TTL = 1800


def read_manifests(paths: Sequence[str], namespace: str, *, read_stdin: Callable[[], bytes]) -> list[Manifest]:
    """
    Return the policies at some paths, each as it is written; `namespace` is given to those that name none.

    Raises ``SourceError`` for anything that cannot be read or would be refused, and for what is no policy.
    """
    import msgspec  # noqa: PLC0415

    from firedoor.adapters.manifests.source import ManifestSource  # noqa: PLC0415
    from firedoor.model.decoding import api_group  # noqa: PLC0415
    from firedoor.model.places import GapKind  # noqa: PLC0415
    from firedoor.model.raw_objects import RawObjects  # noqa: PLC0415
    from firedoor.model.rollout import is_applied  # noqa: PLC0415

    class All(RawObjects):
        def wants(self, api_version: str, kind: str) -> bool:  # noqa: ARG002 - every kind
            return True

    raw = All(())
    stdin = read_stdin() if "-" in paths else None
    snapshot = ManifestSource(tuple(paths), stdin, namespace or "default", raw=raw).load(Silent())
    fatal = {GapKind.REJECTED, GapKind.UNREADABLE, GapKind.TEMPLATE, GapKind.DUPLICATE, GapKind.FOREIGN}
    for gap in (*snapshot.gaps, *raw.gaps):
        if gap.kind in fatal:
            raise SourceError(gap.reason, place=gap.source, remedy=gap.remedy)
    for each in raw.found:
        if not is_applied(api_group(each.api_version), each.ref.kind):
            raise SourceError(
                f"{each.ref} is no policy, and apply changes nothing but policies",
                place=str(each.place),
                remedy="leave it out, and apply it as you do otherwise",
            )
    found: list[Manifest] = [msgspec.json.decode(each.data) for each in raw.found]
    for manifest, each in zip(found, raw.found, strict=True):
        if not manifest["metadata"].get("name"):
            raise SourceError(
                f"{each.ref}: metadata.name is missing", place=str(each.place), remedy="give it a name of its own"
            )
    if not found:
        raise SourceError("there is no policy in it", place=", ".join(paths), remedy="check the path")
    return found


@contextmanager
def open_live_policies(kubeconfig: str | None, context: str | None) -> Iterator[LivePolicyClient]:
    """Yield the policies of the cluster that kubectl would talk to; nothing is sent yet."""
    import random  # noqa: PLC0415

    from firedoor.adapters.cluster.config import connected  # noqa: PLC0415
    from firedoor.adapters.cluster.requests import Requests  # noqa: PLC0415
    from firedoor.adapters.cluster.transport import Transport  # noqa: PLC0415
    from firedoor.adapters.cluster.writing import LivePolicyClient  # noqa: PLC0415

    with connected(kubeconfig, context) as connection:
        reading = Transport(connection, _TIMEOUT, time.sleep, random.random)
        yield LivePolicyClient(reading, Requests(connection, _TIMEOUT, time.sleep))


def open_journals() -> JournalFolder:
    """Return the journals of the person."""
    from firedoor.adapters.journal import JournalFolder, default_folder  # noqa: PLC0415

    return JournalFolder(default_folder())


def new_apply() -> tuple[str, str]:
    """Return an id that sorts by time and that no other apply has, and the time as RFC 3339."""
    import secrets  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    now = datetime.now(UTC)
    return f"{now.strftime('%Y%m%dt%H%M%S%fz')}-{secrets.token_hex(3)}", now.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_command(text: str) -> None:
    """Raise ``UsageError`` where a command cannot be taken apart."""
    from firedoor.adapters.commands import split_command  # noqa: PLC0415

    split_command(text)


def whole_paths(paths: Sequence[str]) -> tuple[str, ...]:
    """Return paths as they are from the root, sorted: they name a set of policies; ``-`` stays as it is."""
    from pathlib import Path  # noqa: PLC0415

    return tuple(sorted({each if each == "-" else str(Path(each).resolve()) for each in paths}))


def write_export(folder: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write the files of an export below a folder, and return the earlier ones that are removed."""
    from firedoor.adapters.folders import write_folder  # noqa: PLC0415
    from firedoor.render.apply_files import MARK  # noqa: PLC0415

    return write_folder(folder, files, MARK)


@dataclass(frozen=True, slots=True)
class RealSurroundings:
    """
    Waits, runs commands, looks at flows and at the cluster, and tells a person.

    Implements ``interfaces.Surroundings``.
    """

    say: Callable[[str], None]
    kubeconfig: str | None = None
    context: str | None = None

    def wait(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def now(self) -> int:
        """Return the time."""
        return time.time_ns()

    def denied(self, store: str, asked: FlowQuestion) -> Sequence[FlowEdge]:
        """Return what was denied, by the store."""
        from firedoor.bootstrap.observed import open_flow_store  # noqa: PLC0415

        return list(open_flow_store(store or None).edges(asked))

    def check(self, command: str, timeout: float) -> str:
        """Return why a command does not hold."""
        from firedoor.adapters.commands import run_command  # noqa: PLC0415

        return run_command(command, timeout)

    def foresee(self, gates: Gates, steps: Sequence[Step], since: int) -> Foresight:
        """Return what would be cut in the cluster as it is now."""
        from firedoor.bootstrap.observed import open_flow_store  # noqa: PLC0415
        from firedoor.engine.reach.cni import PROFILES  # noqa: PLC0415
        from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415
        from firedoor.usecases.apply_observing import foreseen  # noqa: PLC0415

        edges = list(open_flow_store(gates.store or None).edges(FlowQuestion(gates.cluster, since=since)))
        return foreseen(self._cluster(), steps, PROFILES[gates.cni], edges, since)

    def verify(self, gate: ProbeGate, cni: str, steps: Sequence[Step]) -> str:
        """Return what is otherwise in the cluster as it is now; what was made for that is removed."""
        from firedoor.bootstrap.verifying import ProbeWishes, RealWatch, open_prober  # noqa: PLC0415
        from firedoor.engine.reach.cni import PROFILES  # noqa: PLC0415
        from firedoor.usecases.apply_verifying import verified_text, wave_verification, why_not_verified  # noqa: PLC0415

        found = wave_verification(self._cluster(), steps, PROFILES[cni], gate)
        if found is None:
            self.say("nothing is tried: no policy of this wave shows in a connection between pods that can be probed")
            return ""
        wishes = ProbeWishes(gate.mode, gate.image, concurrency=16, rate=0.0, timeout=3.0, ttl=_TTL)
        with open_prober(self.kubeconfig, self.context, wishes) as prober:
            report = found.carry_out(prober, RealWatch(self.say), gate.settle, Silent())
        if report.left_behind:
            self.say(f"{report.left_behind}; remove it with `firedoor verify --cleanup`")
        why = why_not_verified(report)
        if not why:
            self.say(verified_text(report))
        return why

    def _cluster(self) -> Snapshot:
        from firedoor.adapters.cluster.source import ClusterSource  # noqa: PLC0415
        from firedoor.adapters.manifests.mesh_settings import read_mesh_settings  # noqa: PLC0415

        source = ClusterSource(kubeconfig=self.kubeconfig, context=self.context, mesh=read_mesh_settings)
        return source.load(Silent())

    def tell(self, text: str) -> None:
        """Say what is being done."""
        self.say(text)
