"""Why one connection is accepted or denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.flip import flip
from firedoor.errors import UsageError
from firedoor.model.calico_preview import with_staged
from firedoor.model.explanation import Explanation
from firedoor.model.icmp import PROTOCOLS, IcmpMessage
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict
from firedoor.usecases.ends import resolve_end
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.network import Network
    from firedoor.model.snapshot import Snapshot

MOST_PAIRS = 10_000
"""Pairs of pods of two workloads that are asked about one by one."""

_ORDER = (Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.DENIED)


def explain(  # noqa: PLR0913 - a question has this many parts
    snapshot: Snapshot,
    cni: CniProfile,
    source: str,
    destination: str,
    protocol: str,
    port: int,
    namespace: str,
    *,
    staged: bool = False,
    network_name: str = "",
    icmp: IcmpMessage | None = None,
) -> Explanation:
    """
    Return the explanation of a connection between two ends as a person names them.

    Where a workload's pods differ, the verdict is that of the pair that gets
    furthest (one reachable pod makes a workload reachable), and the pairs are listed.
    With `staged` the verdict is the one there would be if Calico's staged policies were
    enforced. With `network_name` it is about the secondary network of that name. With
    `icmp` it is about that message, with the protocol `ICMP` and port 0.
    """
    network = network_of(with_staged(snapshot) if staged else snapshot, cni, network_name, icmp)
    sources, destinations = (
        _positions(network, source, namespace),
        _positions(network, destination, namespace),
    )
    pairs = _pairs(network, sources, destinations)
    if icmp is not None:
        _check_version(network, pairs, icmp)
    verdicts = {(first, second): network.verdict(first, second, protocol, port) for first, second in pairs}
    (first, second), verdict = min(verdicts.items(), key=lambda item: _ORDER.index(item[1]))
    differing = len(set(verdicts.values())) > 1
    pods = tuple((_name(network, a), _name(network, b), each) for (a, b), each in verdicts.items()) if differing else ()
    return Explanation(
        _name(network, first) if differing else source,
        _name(network, second) if differing else destination,
        protocol,
        port,
        verdict,
        explain_direction(network, Direction.EGRESS, first, second, protocol, port),
        explain_direction(network, Direction.INGRESS, first, second, protocol, port),
        None if network_name else flip(network, first, second, protocol, port),
        pods,
        () if icmp else _notes(network, destination, second, protocol, port),
        icmp,
    )


def _positions(network: Network, text: str, namespace: str) -> Sequence[int | str]:
    found = resolve_end(network, text, namespace)
    return [found] if isinstance(found, str) else found


def _pairs(
    network: Network, sources: Sequence[int | str], destinations: Sequence[int | str]
) -> list[tuple[int | str, int | str]]:
    """Return the pairs to ask about, one for each pair of profiles and nodes; a pod and itself only if asked."""
    pairs: dict[object, tuple[int | str, int | str]] = {}
    for first in sources:
        for second in destinations:
            if first == second and (len(sources) > 1 or len(destinations) > 1):
                continue
            pairs.setdefault((_kind(network, first), _kind(network, second)), (first, second))
            if len(pairs) > MOST_PAIRS:
                return list(pairs.values())
    return list(pairs.values())


def _check_version(network: Network, pairs: list[tuple[int | str, int | str]], icmp: IcmpMessage) -> None:
    """Raise ``UsageError`` where connections between two ends are not of the message's IP version."""
    for first, second in pairs:
        version = network.version(first, second)
        if version not in {None, icmp.version}:
            raise UsageError(
                f"{_name(network, first)} -> {_name(network, second)} is IPv{version}, and {icmp.protocol} is not",
                remedy=f"ask with --protocol {PROTOCOLS[version].lower()}",
            )


def _kind(network: Network, end: int | str) -> object:
    return end if isinstance(end, str) else (network.profile_of[end], network.members[end].node)


def _name(network: Network, end: int | str) -> str:
    return end if isinstance(end, str) else network.members[end].full_name


def _notes(network: Network, asked: str, end: int | str, protocol: str, port: int) -> tuple[str, ...]:
    if isinstance(end, str):
        return ()
    member = network.members[end]
    if member.listening and (protocol, port) not in member.listening:
        declared = ", ".join(f"{each}/{number}" for each, number in member.listening)
        return (f"no container of {asked} declares {protocol}/{port} (it declares {declared}); that blocks nothing",)
    return ()
