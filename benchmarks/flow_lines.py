"""Lines as Hubble's exporter writes them, seeded: what several nodes tell of the connections of a made-up cluster."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_START = 1_785_000_000
_POLICY = {"namespace": "shop", "revision": "6", "kind": "NetworkPolicy"}
_APIS = ("shop", "pay", "stock", "mail", "data", "web")


@dataclass(frozen=True, slots=True)
class Speaker:
    """A pod as Hubble tells of it: its node, its address, and what stands at its end of a flow."""

    node: str
    address: str
    end: dict[str, Any]


Route = tuple[Speaker, Speaker, int]
"""Who opens connections to whom, and on which port."""


def hubble_lines(connections: int, seed: int, routes: Sequence[Route] = ()) -> Iterator[bytes]:
    """
    Yield the events of so many connections, about ten of each: verdicts and traces at both ends, and replies.

    One in ten is denied, one in ten goes to the internet, and ports of clients are new each time. Without `routes`
    four hundred made-up pods connect to each other.
    """
    rolls = random.Random(seed)
    routes = routes or _made_up(rolls)
    for number in range(connections):
        source, destination, port = rolls.choice(routes)
        yield from _connection(rolls, number, source, destination, port)


def _made_up(rolls: random.Random) -> list[Route]:
    pods = [_pod(rolls, number) for number in range(400)]
    return [(rolls.choice(pods), rolls.choice(pods), rolls.choice((80, 443, 5432, 6379, 8080))) for _ in range(600)]


def _pod(rolls: random.Random, number: int) -> Speaker:
    namespace = _APIS[number % len(_APIS)]
    app = f"{namespace}-{number % 40}"
    address = f"10.{number % 12}.{number // 250}.{number % 250 + 1}"
    name = f"{app}-{number:09x}-{number:05d}"
    return speaker(
        namespace, name, ("Deployment", app), f"main/node-{number % 12}", address, (rolls.randrange(1, 4000), number)
    )


def speaker(
    namespace: str, pod: str, workload: tuple[str, str], node: str, address: str, numbers: tuple[int, int]
) -> Speaker:
    """Return a pod; `workload` is its kind and name, `numbers` its endpoint and one that its version hangs on."""
    kind, app = workload
    end: dict[str, Any] = {
        "ID": numbers[0],
        "identity": 20000 + numbers[1] % 40,
        "cluster_name": "main",
        "namespace": namespace,
        "labels": [
            f"k8s:app={app}",
            f"k8s:app.kubernetes.io/version=v1.{numbers[1] % 7}.0",
            f"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={namespace}",
            "k8s:io.cilium.k8s.policy.cluster=main",
            f"k8s:io.cilium.k8s.policy.serviceaccount={app}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
        ],
        "pod_name": pod,
        "workloads": [{"name": app, "kind": kind}],
    }
    return Speaker(node, address, end)


def _connection(rolls: random.Random, number: int, source: Speaker, destination: Speaker, port: int) -> Iterator[bytes]:
    sport = 32768 + rolls.randrange(28000)
    kind = number % 10
    outside = {"identity": 2, "labels": ["reserved:world"]}
    there = outside if kind == 1 else destination.end
    address = f"93.184.{number % 200}.34" if kind == 1 else destination.address
    request = {
        "IP": {"source": source.address, "destination": address, "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": sport, "destination_port": port, "flags": {"SYN": True}}},
        "source": source.end,
        "destination": there,
    }
    answer = {
        "IP": {"source": address, "destination": source.address, "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": port, "destination_port": sport, "flags": {"SYN": True, "ACK": True}}},
        "source": there,
        "destination": source.end,
    }
    by = [{"name": "allow-all-of-it", "labels": ["k8s:io.cilium.k8s.policy.name=allow-all-of-it"], **_POLICY}]
    when = _START + number / 2000
    out, into = {"traffic_direction": "EGRESS"}, {"traffic_direction": "INGRESS"}
    if kind == 0:
        denied = {"verdict": "DROPPED", "drop_reason": 133, "drop_reason_desc": "POLICY_DENIED", **into}
        for attempt in range(3):
            yield _line(when + attempt, destination.node, {**request, **denied, "event_type": {"type": 5}})
            yield _line(
                when + attempt, destination.node, {**request, **denied, "event_type": {"type": 1, "sub_type": 133}}
            )
        return
    told = {**request, "verdict": "FORWARDED", "is_reply": False}
    verdict = {"event_type": {"type": 5}, "policy_match_type": 2, "Summary": "TCP Flags: SYN"}
    trace = {
        "event_type": {"type": 4, "sub_type": 3},
        "trace_observation_point": "TO_STACK",
        "Summary": "TCP Flags: ACK",
    }
    back = {**answer, "verdict": "FORWARDED", "is_reply": True, "Summary": "TCP Flags: SYN, ACK"}
    end = {"event_type": {"type": 4}, "trace_observation_point": "TO_ENDPOINT"}
    yield _line(when, source.node, {**told, **verdict, **out, "egress_allowed_by": by})
    yield _line(when, source.node, {**told, **trace, **out})
    if kind != 1:
        yield _line(when, destination.node, {**told, **verdict, **into, "ingress_allowed_by": by})
        yield _line(when, destination.node, {**told, **end, **into})
        yield _line(when, destination.node, {**back, **trace, **out})
    yield _line(when, source.node, {**back, **end, **into})
    for later in (0.02, 0.4):
        yield _line(when + later, source.node, {**told, **trace, **out})
        yield _line(when + later, source.node, {**back, **end, **into})


def _line(when: float, node: str, told: dict[str, Any]) -> bytes:
    seconds, fraction = divmod(round(when * 1_000_000), 1_000_000)
    clock = f"2026-07-25T{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:06d}123Z"
    flow = {
        "time": clock,
        "uuid": f"cd75b2ac-8dd3-486b-beca-{seconds % 10**6:06d}{fraction:06d}",
        "ethernet": {"source": "62:6b:d0:a4:c5:63", "destination": "6e:d0:ea:78:fc:0a"},
        "Type": "L3_L4",
        "node_name": node,
        **told,
    }
    return json.dumps({"flow": flow, "node_name": node, "time": clock}, separators=(",", ":")).encode() + b"\n"
