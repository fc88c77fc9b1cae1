"""
NetworkPolicies and Namespaces of large lists: judged as all others are, but each different part only once.

Thirty thousand policies repeat a few hundred selectors, peers and ports. A part that
decodes into exactly the fields and types of the API has the structure that its schema
demands, and its values are judged by the rules that hold for any manifest; those look at
no two parts together. What has a fault, or is not plain, is left to the general way,
which reports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from firedoor.adapters.manifests.validation.labels import label_key, label_value
from firedoor.adapters.manifests.validation.metadata import name_rule, validate_annotations
from firedoor.adapters.manifests.validation.names import dns_label
from firedoor.adapters.manifests.validation.networkpolicy import validate_networkpolicy
from firedoor.adapters.manifests.validation.releases import minor_of
from firedoor.model.bulk_decoding import NO_TEXTS
from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    EgressRule,
    IngressRule,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.places import Place
from firedoor.model.pod_table import NO_LINES
from firedoor.model.workloads import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

_NONE = Raw(b"[]")
_POLICY = ("networking.k8s.io/v1", "NetworkPolicy")
_NAMESPACE = ("v1", "Namespace")
_Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _PlainMeta(Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    name: str
    uid: str
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    creation_timestamp: str | None = None
    generation: _Number = 0
    resource_version: str = ""

    def made(self, namespace: str) -> ObjectMeta:
        """Return what the model keeps of it."""
        labels, annotations = self.labels or NO_TEXTS, self.annotations or NO_TEXTS
        return ObjectMeta(self.name, namespace, labels, annotations, (), "", self.uid, self.creation_timestamp)


class _IngressWire(Struct, gc=False):
    peers: tuple[Raw, ...] = msgspec.field(name="from", default=())
    ports: tuple[Raw, ...] = ()


class _EgressWire(Struct, gc=False):
    peers: tuple[Raw, ...] = msgspec.field(name="to", default=())
    ports: tuple[Raw, ...] = ()


class _SpecWire(Struct, gc=False, rename="camel"):
    pod_selector: Raw
    policy_types: Raw = _NONE
    ingress: tuple[_IngressWire, ...] = ()
    egress: tuple[_EgressWire, ...] = ()


class _PolicyWire(Struct, gc=False, rename="camel"):
    metadata: _PlainMeta
    spec: Raw
    api_version: str = ""
    kind: str = ""


class _NamespaceSpec(Struct, gc=False, forbid_unknown_fields=True):
    finalizers: tuple[str, ...] = ()


class _NamespaceStatus(Struct, gc=False, forbid_unknown_fields=True):
    phase: str = ""


class _NamespaceWire(Struct, gc=False, rename="camel"):
    metadata: _PlainMeta
    api_version: str = ""
    kind: str = ""
    spec: _NamespaceSpec = msgspec.field(default_factory=_NamespaceSpec)
    status: _NamespaceStatus = msgspec.field(default_factory=_NamespaceStatus)


class _Requirement(Struct, gc=False, forbid_unknown_fields=True):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class _Selector(Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    match_labels: dict[str, str] = {}
    match_expressions: tuple[_Requirement, ...] = ()


class _Block(Struct, gc=False, forbid_unknown_fields=True):
    cidr: str
    excepts: tuple[str, ...] = msgspec.field(name="except", default=())


class _Peer(Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    pod_selector: _Selector | None = None
    namespace_selector: _Selector | None = None
    ip_block: _Block | None = None


class _Port(Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


class _FaultyError(Exception):
    """A part has a fault, or a form that only the general way reads."""


class _Parts:
    """Judged parts of one field by their JSON text."""

    def __init__(self, plain: Any, form: Any, is_valid: Callable[[Any, bytes], bool]) -> None:
        """`plain` has the types that the API demands, and no field more; `form` is what the model keeps."""
        self._plain = msgspec.json.Decoder(plain)
        self._decoder = msgspec.json.Decoder(form)
        self._is_valid = is_valid
        self._known: dict[bytes, Any] = {}

    def of(self, raw: Raw) -> Any:
        """Return what a part becomes; raises `_FaultyError`, or ``msgspec.ValidationError`` for a form not plain."""
        text = bytes(raw)
        found = self._known.get(text)
        if found is None:
            if not self._is_valid(self._plain.decode(text), text):
                raise _FaultyError
            found = self._known[text] = self._decoder.decode(text)
        return found


class _Labels:
    """Judges labels: each key and each value by itself, as ``validate_labels`` does, and only once."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._values: set[str] = set()

    def are_valid(self, labels: dict[str, str]) -> bool:
        """Return whether the API server takes them."""
        for key, value in labels.items():
            if key not in self._keys:
                if label_key(key):
                    return False
                self._keys.add(key)
            if value not in self._values:
                if label_value(value):
                    return False
                self._values.add(value)
        return True


class _Metadata:
    """Judges the plain metadata of one kind, each name, label and annotation only once."""

    def __init__(self, kind: str, minor: int, labels: _Labels) -> None:
        self._rule = name_rule(kind, minor)
        self._names: set[str] = set()
        self._namespaces = {""}
        self._labels = labels

    def is_valid(self, meta: _PlainMeta) -> bool:
        """Return whether the API server takes it, as ``validate_metadata`` says."""
        if meta.name not in self._names:
            if self._rule is None or not meta.name or self._rule(meta.name):
                return False
            self._names.add(meta.name)
        if meta.namespace not in self._namespaces:
            if dns_label(meta.namespace):
                return False
            self._namespaces.add(meta.namespace)
        if meta.labels and not self._labels.are_valid(meta.labels):
            return False
        return not meta.annotations or not validate_annotations(meta.annotations, "")


class PolicyWay:
    """Reads NetworkPolicies of one source."""

    def __init__(self, source: str, namespace: str, version: str) -> None:
        """`namespace` is that of policies that name none, `version` the release whose rules hold."""
        self._source = source
        self._namespace = namespace
        self._minor = minor_of(version)
        self._wire = msgspec.json.Decoder(_PolicyWire)
        self._form = msgspec.json.Decoder(_SpecWire)
        self._labels = _Labels()
        self._metadata = _Metadata(_POLICY[1], self._minor, self._labels)
        self._specs: dict[bytes, NetworkPolicySpec] = {}
        self._selectors = _Parts(_Selector, LabelSelector, self._is_valid_selector)
        self._types = _Parts(tuple[str, ...], tuple[str, ...], self._are_valid_types)
        self._peers = _Parts(_Peer, NetworkPolicyPeer, self._is_valid_peer)
        self._ports = _Parts(_Port, NetworkPolicyPort, self._is_valid_port)

    def decode(self, item: memoryview | bytes, line: int, implied: tuple[str, str]) -> NetworkPolicy | None:
        """Return a policy without fault; None for everything else."""
        try:
            wire = self._wire.decode(item)
            meta = wire.metadata
            if (wire.api_version or implied[0], wire.kind or implied[1]) != _POLICY or not meta.uid:
                return None
            if not self._metadata.is_valid(meta):
                return None
            spec = self._spec(bytes(wire.spec))
        except (msgspec.ValidationError, _FaultyError):
            return None
        return NetworkPolicy(meta.made(meta.namespace or self._namespace), spec, _place(self._source, line))

    def _spec(self, text: bytes) -> NetworkPolicySpec:
        found = self._specs.get(text)
        if found is None:
            wire = self._form.decode(text)
            found = self._specs[text] = NetworkPolicySpec(
                self._selectors.of(wire.pod_selector),
                self._types.of(wire.policy_types),
                tuple(IngressRule(*self._rule(rule)) for rule in wire.ingress),
                tuple(EgressRule(*self._rule(rule)) for rule in wire.egress),
            )
        return found

    def _rule(
        self, rule: _IngressWire | _EgressWire
    ) -> tuple[tuple[NetworkPolicyPeer, ...], tuple[NetworkPolicyPort, ...]]:
        return tuple(map(self._peers.of, rule.peers)), tuple(map(self._ports.of, rule.ports))

    def _is_valid_selector(self, selector: _Selector, text: bytes) -> bool:
        if not selector.match_expressions:
            return self._labels.are_valid(selector.match_labels)
        return self._keeps_rules({"podSelector": msgspec.json.decode(text)})

    def _are_valid_types(self, _types: tuple[str, ...], text: bytes) -> bool:
        return self._keeps_rules({"policyTypes": msgspec.json.decode(text)})

    def _is_valid_peer(self, peer: _Peer, text: bytes) -> bool:
        selectors = [each for each in (peer.pod_selector, peer.namespace_selector) if each is not None]
        if selectors and peer.ip_block is None and not any(each.match_expressions for each in selectors):
            return all(self._labels.are_valid(each.match_labels) for each in selectors)
        return self._keeps_rules({"ingress": [{"from": [msgspec.json.decode(text)]}]})

    def _is_valid_port(self, _port: _Port, text: bytes) -> bool:
        return self._keeps_rules({"ingress": [{"ports": [msgspec.json.decode(text)]}]})

    def _keeps_rules(self, spec: dict[str, Any]) -> bool:
        return not validate_networkpolicy({"spec": spec}, self._minor)


class NamespaceWay:
    """Reads Namespaces of one source."""

    def __init__(self, source: str, version: str) -> None:
        """`version` is the release whose rules hold."""
        self._source = source
        self._minor = minor_of(version)
        self._wire = msgspec.json.Decoder(_NamespaceWire)
        self._metadata = _Metadata(_NAMESPACE[1], self._minor, _Labels())

    def decode(self, item: memoryview | bytes, line: int, implied: tuple[str, str]) -> Namespace | None:
        """Return a namespace without fault; None for everything else."""
        try:
            wire = self._wire.decode(item)
            meta = wire.metadata
            if (wire.api_version or implied[0], wire.kind or implied[1]) != _NAMESPACE or not meta.uid:
                return None
        except msgspec.ValidationError:
            return None
        return Namespace(meta.made(""), _place(self._source, line)) if self._metadata.is_valid(meta) else None


def _place(source: str, line: int) -> Place:
    return Place(source, line, 1, NO_LINES)
