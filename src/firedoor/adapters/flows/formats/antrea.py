"""
Logs of Antrea: the audit log of policies (``np.log``), and the log of its flow aggregator.

Source: antrea-io/antrea pkg/agent/controller/networkpolicy/audit_logging.go, and
pkg/flowaggregator/flowlogger/logger.go with prettyprint.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.fields import UNSET, address, of_family, port, protocol
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.sniffing import lines_like
from firedoor.adapters.flows.formats.times import SECOND, short, since_epoch, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_LINE = re.compile(
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (\S+) (\S+) (\S+) (Ingress|Egress|<nil>) (\w+) (\S+) (\S+) "
    r"(\S+) (\S+) (\S+) (\S+) (\S+) (\d+) (\S+)(?: \[(\d{1,18}) packets in (\S+)\])?",
    re.ASCII,
)
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,18})?(?:h|ms|m|s|µs|us|ns))+")
_PART = re.compile(r"([\d.]+)([a-zµ]+)")
_UNITS = {"h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 10**6, "µs": 1000, "us": 1000, "ns": 1}
_ALLOW, _DENY = frozenset({"Allow", "Redirect", "1"}), frozenset({"Drop", "Reject", "2", "3"})
_COLUMNS = 26  # up to the type of the egress policy; what follows differs between versions
_TYPES = {"1": "K8sNetworkPolicy", "2": "AntreaNetworkPolicy", "3": "AntreaClusterNetworkPolicy"}


class _NpLog:
    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode().strip()
        if not text:
            return ()
        match = _LINE.fullmatch(text)
        if match is None:
            raise MalformedLine(f"no line of np.log: expected the time and 14 columns: {short(text)}")
        return (_audit(match),)

    def finish(self) -> Iterable[Told]:
        return ()


def _audit(match: re.Match[str]) -> FlowRecord:
    when, _, policy, _, direction, disposition, _, applied = match.groups()[:8]
    source, source_port, destination, destination_port, name, _, _, packets, duration = match.groups()[8:]
    end = stamp(when, "the time")
    local = _pod_reference(applied)
    source_end = _end(source, source_port, local if direction == "Egress" else ("", ""))
    destination_end = _end(destination, destination_port, local if direction == "Ingress" else ("", ""))
    return FlowRecord(
        # A line of several packets is written when its second is over.
        start=max(0, end - _nanoseconds(duration)) if duration else end,
        end=end,
        source=source_end,
        destination=destination_end,
        protocol=of_family(_protocol(name), destination_end.address),
        verdict=_verdict(disposition),
        direction="" if direction in UNSET else direction.lower(),
        packets=int(packets) if packets else 1,
        policies=() if policy in UNSET or ":" not in policy else (policy.replace(":", "/", 1),),
    )


def _end(where: str, number: str, pod: tuple[str, str]) -> FlowEnd:
    found = 0 if number in UNSET else port(number, "the port")
    return FlowEnd(address(where, "the address"), found, pod[0], pod[1], role="pod" if pod[1] else "")


def _pod_reference(text: str) -> tuple[str, str]:
    namespace, slash, pod = text.partition("/")
    return (namespace, pod) if slash else ("", "")


def _protocol(name: str) -> str:
    return "" if name.startswith("Unknown") else protocol(name, "the protocol")


def _verdict(action: str) -> FlowVerdict:
    if action in _ALLOW:
        return FlowVerdict.ALLOWED
    return FlowVerdict.DENIED if action in _DENY else FlowVerdict.OTHER


def _nanoseconds(duration: str) -> int:
    if not _DURATION.fullmatch(duration):
        raise MalformedLine(f"the duration is none of Go's, such as 1.000855539s: {short(duration)}")
    return sum(int(Decimal(number) * _UNITS[unit]) for number, unit in _PART.findall(duration))


class _Aggregator:
    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode().strip()
        if not text:
            return ()
        columns = text.split(",")
        if len(columns) < _COLUMNS:
            raise MalformedLine(f"{len(columns)} columns where the flow aggregator writes {_COLUMNS} and more")
        return (_flow(columns),)

    def finish(self) -> Iterable[Told]:
        return ()


def _flow(columns: list[str]) -> FlowRecord:
    start, end, source, destination, source_port, destination_port, name = columns[:7]
    source_pod, source_namespace, source_node, pod, namespace, node, service_ip, service_port, service = columns[7:16]
    ingress, egress = columns[16:21], columns[21:26]
    target = FlowEnd(
        address(destination, "destinationIP"),
        port(destination_port, "destinationTransportPort"),
        namespace,
        pod,
        role="pod" if pod else "",
    )
    cluster_ip = "" if service_ip in UNSET else address(service_ip, "destinationClusterIP")
    through = _service(service, cluster_ip, port(service_port, "destinationServicePort"))
    return FlowRecord(
        start=since_epoch(start, SECOND, "flowStartSeconds"),
        end=since_epoch(end, SECOND, "flowEndSeconds"),
        source=FlowEnd(
            address(source, "sourceIP"),
            port(source_port, "sourceTransportPort"),
            source_namespace,
            source_pod,
            role="pod" if source_pod else "",
        ),
        destination=through if cluster_ip else target,
        translated=target if cluster_ip else None,
        protocol=of_family(_protocol(name), target.address),
        verdict=_both(ingress[3], egress[3]),
        is_reply=False,
        node=node or source_node,
        policies=tuple(filter(None, (_policy(ingress), _policy(egress)))),
    )


def _service(name: str, where: str, number: int) -> FlowEnd:
    """Return the end that ``shop/cart:grpc`` names."""
    namespace, slash, rest = name.partition("/")
    workload = f"Service/{rest.partition(':')[0]}" if slash else ""
    return FlowEnd(where, number, namespace if slash else "", workload=workload, role="service")


def _both(ingress: str, egress: str) -> FlowVerdict:
    """Return the verdict of both sides; without a rule the connection was tracked, and so let through."""
    for action in (egress, ingress):
        if action in _DENY:
            return FlowVerdict.DENIED
        if action not in _ALLOW and action not in {"", "0"}:
            raise MalformedLine(f"the action of a rule is none of Antrea's: {short(action)}")
    return FlowVerdict.ALLOWED


def _policy(columns: list[str]) -> str:
    name, namespace, _, _, kind = columns
    return "/".join(part for part in (_TYPES.get(kind, kind), namespace, name) if part) if name else ""


ANTREA = guarded(
    "antrea-np-log",
    "Antrea NetworkPolicy audit log (np.log)",
    lines_like(rb"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+ \S+ \S+ \S+ (?:Ingress|Egress|<nil>) "),
    _NpLog,
)
ANTREA_FLOWS = guarded(
    "antrea-flows",
    "Antrea flow aggregator log",
    lines_like(rb"^\d{10},\d{10},[0-9a-fA-F.:]+,[0-9a-fA-F.:]+,\d+,\d+,[^,]*(?:,[^,]*){19,}"),
    _Aggregator,
)
