"""A cluster that was read, and the questions that it answers."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

from firedoor.api.access import Access
from firedoor.api.asking import Port, edges_of, icmp_message, port_of, wanted_port
from firedoor.api.results import Result, html_gaps
from firedoor.api.shapes import generation as policies_made
from firedoor.api.shapes import judgements
from firedoor.api.shapes import network as _network
from firedoor.bootstrap import open_baseline, open_intents, own_checks, policy_changes, read_policies, today
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.exceptions import Rules, Settings
from firedoor.model.generation import PolicyKind
from firedoor.model.icmp import ICMP
from firedoor.model.namespace_map import DrawnMap
from firedoor.usecases import generate
from firedoor.usecases.assertions import verify
from firedoor.usecases.attack_paths import AttackQuestion, attack_paths, rank
from firedoor.usecases.blast import BlastQuestion, blast, blast_paths
from firedoor.usecases.diagnose import diagnose
from firedoor.usecases.diff import diff
from firedoor.usecases.explain import explain
from firedoor.usecases.exposure import ExposureFilter, exposure
from firedoor.usecases.namespace_map import namespace_map
from firedoor.usecases.policies import compare_policies, policies
from firedoor.usecases.questions import parse_labels
from firedoor.usecases.reach import ReachFilter, reach
from firedoor.usecases.score import score
from firedoor.usecases.summary import summary

if TYPE_CHECKING:
    from datetime import date

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.attack import AttackPaths, Ranking
    from firedoor.model.blast import Blast, BlastPaths
    from firedoor.model.connections import Connectivity
    from firedoor.model.difference import Difference
    from firedoor.model.explanation import Explanation
    from firedoor.model.exposure import ExposureReport
    from firedoor.model.generation import Generation
    from firedoor.model.intents import Verification
    from firedoor.model.places import Gap
    from firedoor.model.raw_objects import RawObjects
    from firedoor.model.relations import Comparison, Relations
    from firedoor.model.score import Score
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.summary import ReachSummary
    from firedoor.usecases.diagnose import Diagnosis


class Cluster:
    """
    A cluster as it was read; it never changes, and every question is answered from memory.

    Ends of connections are written as for the command: ``namespace/name`` of a workload or pod, ``namespace/*``
    where several may be meant, an address, or ``outside``. A port is a number, or a text such as ``53/UDP``; TCP
    unless said. Every method raises ``UsageError`` for a question that is wrong, and ``NothingInScopeError`` where
    what was read holds nothing that it is about.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        profile: CniProfile,
        *,
        settings: Settings | None = None,
        raw: RawObjects | None = None,
        version: str = "",
    ) -> None:
        """Take a snapshot, as ``load`` makes it."""
        self.snapshot = snapshot
        self._profile = profile
        self._settings = settings or Settings()
        self._raw = raw
        self._version = version

    @property
    def cni(self) -> str:
        """The name of the profile that judges what the API leaves open."""
        return self._profile.name

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read or understood: where, why, and what to do."""
        return self.snapshot.gaps

    @property
    def rbac(self) -> Access:
        """Who may do what, by roles and bindings."""
        return Access(self.snapshot, self._settings, self._version)

    def reach(
        self,
        from_: str = "",
        to: str = "",
        *,
        namespace: str = "",
        selector: str = "",
        port: Port = "",
        pods: bool = False,
        staged: bool = False,
        network: str = "",
    ) -> Result[Connectivity]:
        """
        Return who can reach whom, and with which traffic (``firedoor reach``).

        `from_` and `to` keep the connections of these ends, `namespace` and `selector` (labels, as in
        ``app=web,env!=dev``) those with such an end, `port` only that port. With `pods` it is pod by pod.
        """
        wanted = ReachFilter(from_, to, namespace, parse_labels(selector), wanted_port(port), pods)
        found = reach(self.snapshot, self._profile, wanted, staged=staged, network_name=network)
        return Result(found, _network.REACH)

    def explain(
        self,
        from_: str,
        to: str,
        port: Port = "",
        protocol: str = "",
        *,
        icmp_type: int | None = None,
        icmp_code: int = 0,
        namespace: str = "default",
        staged: bool = False,
        network: str = "",
    ) -> Result[Explanation]:
        """
        Return why one connection is accepted or denied, by which rule, and what would flip it (``firedoor explain``).

        `protocol` is that of the port, or ``ICMP`` or ``ICMPv6`` without a port; then it is about the message of
        `icmp_type` and `icmp_code`, which is that of ping unless said. Names without a namespace are in `namespace`.
        """
        message = icmp_message(protocol, port, icmp_type, icmp_code)
        said, number = (ICMP, 0) if message is not None else port_of(port, protocol)
        found = explain(
            self.snapshot,
            self._profile,
            from_,
            to,
            said,
            number,
            namespace,
            staged=staged,
            network_name=network,
            icmp=message,
        )
        return Result(found, _network.EXPLAIN)

    def summary(self, *, staged: bool = False, network: str = "") -> Result[ReachSummary]:
        """Return the whole cluster in numbers (``firedoor reach --summary``)."""
        found = summary(self.snapshot, self._profile, staged=staged, network_name=network)
        return Result(found, _network.SUMMARY)

    def exposure(self, *, namespace: str = "", port: Port = "", staged: bool = False) -> Result[ExposureReport]:
        """Return what the outside can reach, and through what (``firedoor reach --exposed``)."""
        wanted = ExposureFilter(namespace, wanted_port(port))
        return Result(exposure(self.snapshot, self._profile, wanted, staged=staged), _network.EXPOSURE)

    def diagnose(
        self,
        *,
        namespace: str = "",
        baseline: str | os.PathLike[str] | None = None,
        day: date | None = None,
    ) -> Result[Diagnosis]:
        """
        Return what is wrong, worst first, with evidence and remedy (``firedoor diagnose``).

        `baseline` is a file of findings that were known before; `day` is the one on which exceptions hold or not,
        today unless said.
        """
        known = None if baseline is None else open_baseline(os.fspath(baseline))
        rules = Rules(day or today(), self._settings, known)
        own = own_checks(self._settings, self._raw)
        return Result(diagnose(self.snapshot, self._profile, namespace, rules, own=own), judgements.DIAGNOSIS)

    def map(self, *, namespace: str = "") -> Result[DrawnMap]:
        """
        Return the map of the namespaces: how many pairs of pods may connect from one to another, and their findings.

        In a notebook it is drawn. The command has it in its HTML report, and no JSON of it. Raises
        ``NothingInScopeError`` where there are no two namespaces with pods.
        """
        diagnosis = self.diagnose(namespace=namespace).found
        found = namespace_map(self.snapshot, self._profile, diagnosis.findings, namespace)
        if found is None:
            raise NothingInScopeError(
                "there are no two namespaces with pods, and so no map of them", remedy="ask reach() for the workloads"
            )
        return Result(DrawnMap(found, diagnosis.findings, diagnosis.gaps), judgements.MAP)

    def blast(self, *, namespace: str = "", port: Port = "", possible: bool = False) -> Result[Blast]:
        """Return how far a compromise of each workload spreads, worst first (``firedoor blast``)."""
        asked = BlastQuestion(namespace, wanted_port(port), possible)
        return Result(blast(self.snapshot, self._profile, asked), judgements.BLAST)

    def blast_from(self, end: str, *, port: Port = "", possible: bool = False) -> Result[BlastPaths]:
        """Return what a pod or workload reaches hop by hop, with a path to each (``firedoor blast --from``)."""
        return self._blast_paths(end, port, possible=possible, is_from=True)

    def blast_to(self, end: str, *, port: Port = "", possible: bool = False) -> Result[BlastPaths]:
        """Return who reaches a pod or workload in any way, with a path from each (``firedoor blast --to``)."""
        return self._blast_paths(end, port, possible=possible, is_from=False)

    def _blast_paths(self, end: str, port: Port, *, possible: bool, is_from: bool) -> Result[BlastPaths]:
        asked = BlastQuestion("", wanted_port(port), possible)
        found = blast_paths(self.snapshot, self._profile, asked, end, is_from=is_from)
        return Result(found, judgements.BLAST_PATHS)

    def paths(
        self,
        from_: str,
        to: str,
        *,
        limit: int = 10,
        max_steps: int = 8,
        any_port: bool = False,
        possible: bool = False,
    ) -> Result[AttackPaths]:
        """
        Return how an attacker gets from one place to another, and what closes the paths (``firedoor paths``).

        Ends are ``internet``, ``cluster-admin``, ``secrets``, ``nodes``, ``namespace/workload``,
        ``serviceaccount:NS/NAME``, and what else ``firedoor paths --help`` names.
        """
        asked = AttackQuestion("", possible, any_port, max_steps, limit)
        return Result(attack_paths(self.snapshot, self._profile, asked, from_, to), judgements.ATTACK_PATHS)

    def rank(self, *, namespace: str = "", any_port: bool = False, possible: bool = False) -> Result[Ranking]:
        """Return the workloads by what follows from their compromise, worst first (``firedoor paths --rank``)."""
        asked = AttackQuestion(namespace, possible, any_port)
        return Result(rank(self.snapshot, self._profile, asked), judgements.RANKING)

    def policies(self, *, namespace: str = "") -> Result[Relations]:
        """Return what each policy and rule contributes, with proof (``firedoor policies``)."""
        return Result(policies(self.snapshot, self._profile, namespace), judgements.POLICIES)

    def compare(self, first: str, second: str, *, namespace: str = "") -> Result[Comparison]:
        """Return how what one policy accepts stands to what another does (``firedoor policies --compare``)."""
        found = compare_policies(self.snapshot, self._profile, first, second, namespace)
        return Result(found, judgements.COMPARISON)

    def score(self, *, namespace: str = "") -> Result[Score]:
        """Return how far the cluster is on the way to zero trust, counted (``firedoor score``)."""
        return Result(score(self.snapshot, self._profile, namespace), judgements.SCORE)

    def diff(
        self,
        new: Cluster,
        *,
        namespace: str = "",
        pods: bool = False,
        names: tuple[str, str] = ("old", "new"),
    ) -> Result[Difference]:
        """
        Return what changed in who can reach whom, from this cluster to another (``firedoor diff``).

        Both are judged by the profile of this one. `names` is what the answer calls the two.
        """
        changes = policy_changes(self.snapshot, new.snapshot)
        found = diff((self.snapshot, new.snapshot), names, self._profile, changes, namespace, pods=pods)
        return Result(found, _network.DIFF)

    def assertions(self, file: str | os.PathLike[str], *, most: int = 5) -> Result[Verification]:
        """
        Return whether the cluster holds to the intents in a file (``firedoor assert``).

        `most` is how many failing connections of each intent are explained.
        """
        intents = open_intents(os.fspath(file), read_stdin=_no_stdin)
        return Result(verify(self.snapshot, self._profile, intents, most), judgements.ASSERTIONS)

    def generate(
        self,
        *,
        from_manifests: bool = False,
        from_intents: str | os.PathLike[str] | None = None,
        from_edges: str | os.PathLike[str] | None = None,
        from_flows: str | os.PathLike[str] | bool = False,
        kind: str = "networkpolicy",
        namespace: str = "",
        min_count: int = 1,
        replace: bool = False,
        dns: bool = True,
    ) -> Result[Generation]:
        """
        Return the least network policies for what is needed, proved by the engine (``firedoor generate``).

        What is needed comes from exactly one place: the manifests themselves, a file of intents, a file of edges, or
        the store of flows (True for the default one, or its folder). Nothing is written: the column ``yaml`` of the
        rows has the policies. See ``found.proof.holds`` before they are used.
        """
        places = [from_manifests, from_intents is not None, from_edges is not None, from_flows is not False]
        if sum(places) != 1:
            raise UsageError(
                "what is needed must come from one place",
                remedy="give one of from_manifests, from_intents, from_edges and from_flows",
            )
        if from_manifests:
            find = generate.from_manifests()
        elif from_intents is not None:
            find = generate.from_intents(open_intents(os.fspath(from_intents), read_stdin=_no_stdin))
        else:
            store = None if isinstance(from_flows, bool) else os.fspath(from_flows)
            find = generate.from_flows(edges_of(from_edges, store), min_count)
        if kind not in {str(each) for each in PolicyKind}:
            raise UsageError(f"no policies of the kind {kind!r} can be made", remedy=f"use {', '.join(PolicyKind)}")
        asked = generate.GenerationQuestion(PolicyKind(kind), namespace, replace=replace, dns=dns)
        found = generate.generate(self.snapshot, self._profile, find, asked, read_policies)
        return Result(found, policies_made.GENERATION)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: how much was read, and what could not be."""
        return f"<div>\n<p>{escape(repr(self)[1:-1])}</p>\n{html_gaps(self.gaps)}</div>\n"

    def __repr__(self) -> str:
        known = self.snapshot
        counts = {
            "namespaces": len(known.namespaces),
            "pods": len(known.pods),
            "workloads": len(known.workloads),
            "policies": len(known.network_policies) + len(known.policy_objects),
            "gaps": len(known.gaps),
        }
        told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        return f"<Cluster from {known.origin.kind}: {told}; judged as {self.cni}>"


def _no_stdin() -> bytes:
    raise UsageError("standard input is no file", remedy="give the path of a file")
