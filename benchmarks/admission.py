"""
Questions of an API server to the webhook, over TLS: ``python -m benchmarks.measure admission FILE``.

The webhook is the real one, with what it knows of the cluster of FILE, and a file of intents. Who asks is a process of
its own, which keeps its connection as an API server does; it waits for each answer before it asks again.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
from tests.certificates import Authority

from benchmarks import engine_calls
from firedoor.adapters.admission import TlsFiles, serve
from firedoor.bootstrap import open_intents
from firedoor.cli.admission import SWITCH_SECONDS
from firedoor.engine.reach.cni import SPEC
from firedoor.model.admission import Mode, Objection, Proposal, Rule
from firedoor.model.amending import amended
from firedoor.model.decoding import decode
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Place
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.admission import Admission
from firedoor.usecases.assertions import verify

Figures = dict[str, float | str]
Manifest = dict[str, Any]

POLICY, WORKLOAD, BUSY = "policy", "workload", "busy"
"""Questions about policies and about workloads, and about policies while changes of the cluster are taken in."""
INTENTS = 200
_ASKED = 300
_CHECKED = 10


class Questions:
    """What an API server may ask about one cluster, drawn at random."""

    def __init__(self, path: Path, seed: int = 1) -> None:
        """Read the policies of a file as they are written."""
        self._rng = random.Random(seed)
        items = msgspec.json.decode(path.read_bytes())["items"]
        self.policies: list[Manifest] = [each for each in items if each["kind"] == "NetworkPolicy"]
        self._spaces = sorted({each["metadata"]["namespace"] for each in items if each["kind"] == "Pod"})
        self._apps = [each["metadata"] for each in items[:: max(1, len(items) // 500)] if each["kind"] == "Pod"]

    def intents(self, number: int) -> str:
        """Return a file of so many intents, as a platform team may have it: most are about two or three namespaces."""
        found: list[Manifest] = []
        for each in range(number):
            one, other, third = ({"namespace": name} for name in self._rng.sample(self._spaces, 3))
            body: Manifest = self._rng.choices(
                (
                    {"must-deny": {"from": one, "to": other}},
                    {"only-these": {"from": [one, other, "nodes"], "to": third}},
                    {"must-deny": {"from": "outside", "to": one}},
                    {"must-allow": {"from": "nodes", "to": one}},
                ),
                (5, 3, 1, 1),
            )[0]
            found.append({"name": f"intent {each}", **body})
        return json.dumps({"apiVersion": "firedoor.dev/v1alpha1", "kind": "Intents", "intents": found})

    def about_policies(self, near: Sequence[str]) -> Iterator[tuple[Manifest | None, Manifest | None]]:
        """Yield changes of policies; half of them are in namespaces that intents which hold are about."""
        inside = [each for each in self.policies if each["metadata"]["namespace"] in set(near)]
        while True:
            old = self._rng.choice(inside if inside and self._rng.random() < 1 / 2 else self.policies)
            like = self._rng.choice(self.policies)
            match self._rng.randrange(5):
                case 0:
                    yield old, None
                case 1:
                    yield old, {**old, "spec": {**old["spec"], "ingress": like["spec"].get("ingress", [])}}
                case 2:
                    # Everything is opened.
                    yield old, {**old, "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}}
                case 3:
                    yield old, {**old, "spec": self._unheard_of()}
                case _:
                    made = {**old["metadata"], "name": f"made-{self._rng.random()}"}
                    yield None, {**old, "metadata": made, "spec": self._unheard_of()}

    def _unheard_of(self) -> Manifest:
        """Return a specification whose labels, addresses and ports no policy has named before."""
        peers = [
            {"podSelector": {"matchLabels": {"app": f"none-{self._rng.random()}"}}, "namespaceSelector": {}},
            {"ipBlock": {"cidr": f"{self._rng.randrange(11, 200)}.{self._rng.randrange(256)}.0.0/16"}},
        ]
        ports = [{"protocol": "TCP", "port": self._rng.randrange(1, 65536)}]
        return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": peers, "ports": ports}]}

    def about_workloads(self) -> Iterator[tuple[None, Manifest]]:
        """Yield Deployments that are made."""
        while True:
            like = self._rng.choice(self._apps)
            labels = like.get("labels", {})
            template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "a:1"}]}}
            metadata = {"name": "made", "namespace": like["namespace"]}
            spec = {"selector": {"matchLabels": labels}, "template": template}
            yield None, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def measure(path: Path, asked: int = _ASKED) -> Figures:
    """Return median, 99th percentile and maximum of the answers, in milliseconds, and what was answered otherwise."""
    # As the command does.
    sys.setswitchinterval(SWITCH_SECONDS)
    questions = Questions(path)
    snapshot = engine_calls.load(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "intents.yaml").write_text(questions.intents(5 * INTENTS))
        drawn = open_intents(str(folder / "intents.yaml"), read_stdin=bytes)
        # Those that do not hold anyway are no question.
        intents = [each.intent for each in verify(snapshot, SPEC, drawn, 1).results if each.holds][:INTENTS]
        admission = Admission(SPEC, {Rule.UNISOLATED: Mode.WARN, Rule.FORBIDDEN: Mode.DENY}, intents)
        started = time.perf_counter()
        admission.update(snapshot)
        figures: Figures = {"prepared": time.perf_counter() - started, "intents": len(intents)}
        near = sorted({term.namespace for each in intents for term in each.destinations})
        authority = Authority.make(folder)
        files = TlsFiles(folder / "tls.crt", folder / "tls.key")
        authority.write(files.certificate, files.key)
        judge = _Judge(admission)
        with serve(("127.0.0.1", 0), files, judge, lambda: True) as port:
            changes = questions.about_policies(near)
            for kind, some in ((POLICY, changes), (WORKLOAD, questions.about_workloads()), (BUSY, changes)):
                reviews = [review(*next(some)) for _ in range(asked)]
                client = _Client(folder, port, authority.path, reviews)
                turn = 0
                while client.is_running:
                    turn += 1
                    if kind == BUSY:
                        admission.update(_changed(snapshot, turn))
                    else:
                        time.sleep(0.01)
                figures |= client.figures(kind) | judge.figures(kind)
        figures["differing"] = _differing(snapshot, admission, intents, changes)
    return {**figures, "checked": _CHECKED, "peak": _peak()}


def review(old: Manifest | None, new: Manifest | None) -> str:
    """Return a question about a change."""
    some = new or old or {}
    operation = "CREATE" if old is None else "DELETE" if new is None else "UPDATE"
    metadata = some["metadata"]
    request = {"uid": "u", "kind": {"kind": some["kind"]}, "name": metadata["name"], "operation": operation}
    request |= {"namespace": metadata["namespace"], "object": new, "oldObject": old}
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})


def _changed(snapshot: Snapshot, turn: int) -> Snapshot:
    """Return a cluster in which one pod has another label than before."""
    pod = snapshot.pods[turn % len(snapshot.pods)]
    metadata = msgspec.structs.replace(pod.metadata, labels={**pod.metadata.labels, "turn": str(turn)})
    pods = list(snapshot.pods)
    pods[turn % len(pods)] = msgspec.structs.replace(pod, metadata=metadata)
    return msgspec.structs.replace(snapshot, pods=tuple(pods))


def _differing(
    snapshot: Snapshot,
    admission: Admission,
    intents: Sequence[Any],
    changes: Iterator[tuple[Manifest | None, Manifest | None]],
) -> int:
    """Return how many changes are judged otherwise than by the whole cluster, compiled with the change."""
    admission.update(snapshot)
    before, found = verify(snapshot, SPEC, intents, 1).results, 0
    for _ in range(_CHECKED):
        old, new = (None if each is None else _decoded(each) for each in next(changes))
        some = new if new is not None else old
        if some is None:
            continue
        after = verify(amended(snapshot, old, new), SPEC, intents, 1).results
        broken = {b.intent.name for a, b in zip(before, after, strict=True) if a.holds and not b.holds}
        denied, _ = admission.objections(Proposal(some.ref, old, new))
        told = {each.message.split("'")[1] for each in denied if each.rule is Rule.FORBIDDEN}
        found += told != broken
    return found


def _decoded(manifest: Manifest) -> NetworkPolicy:
    found = decode(manifest, Place("the benchmark"), "")
    if not isinstance(found, NetworkPolicy):
        raise TypeError(manifest["kind"])
    return found


class _Judge:
    """Judges, and keeps the seconds of a processor that it takes, which do not hang on what else the machine does."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._seconds: list[float] = []

    def __call__(self, proposal: Proposal) -> tuple[tuple[Objection, ...], tuple[Objection, ...]]:
        began = time.thread_time()
        found = self._admission.objections(proposal)
        self._seconds.append(time.thread_time() - began)
        return found

    def figures(self, kind: str) -> Figures:
        """Return the 99th percentile since it was last asked for, in milliseconds."""
        cuts = quantiles(self._seconds, n=100, method="inclusive")
        self._seconds.clear()
        return {f"{kind}_processor": cuts[98] * 1e3}


class _Client:
    """A process that asks questions one after the other."""

    def __init__(self, folder: Path, port: int, authority: Path, reviews: Sequence[str]) -> None:
        asked, self._told = folder / "asked", folder / "told"
        asked.write_text("\n".join(reviews))
        command = [sys.executable, "-m", "benchmarks.admission", str(port), str(authority), str(asked), str(self._told)]
        self._process = subprocess.Popen(command)

    @property
    def is_running(self) -> bool:
        """Whether it has not asked all yet."""
        return self._process.poll() is None

    def figures(self, kind: str) -> Figures:
        """Return how long the answers took, in milliseconds, and how many refused."""
        if self._process.wait():
            sys.exit("the questions could not be asked")
        told = json.loads(self._told.read_text())
        cuts = quantiles(told["seconds"], n=100, method="inclusive")
        times = {"median": cuts[49], "p99": cuts[98], "most": max(told["seconds"])}
        return {f"{kind}_{name}": each * 1e3 for name, each in times.items()} | {f"{kind}_denied": told["denied"]}


def _ask(port: int, authority: str, asked: Path, told: Path) -> None:
    """Ask all questions of a file, and write how long each took."""
    context = ssl.create_default_context(cafile=authority)
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    seconds, denied = [], 0
    for line in asked.read_bytes().splitlines():
        started = time.perf_counter()
        connection.request("POST", "/validate", body=line, headers={"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        seconds.append(time.perf_counter() - started)
        denied += not answer["response"]["allowed"]
    told.write_text(json.dumps({"seconds": seconds, "denied": denied}))


def _peak() -> int:
    from benchmarks.measure import peak  # noqa: PLC0415 - which runs this module

    return peak()


if __name__ == "__main__":
    _ask(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
