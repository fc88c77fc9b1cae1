"""The list of formats, most telling first: the first whose sniff says yes is the format of a file."""

from __future__ import annotations

from firedoor.adapters.flows.formats.antrea import ANTREA, ANTREA_FLOWS
from firedoor.adapters.flows.formats.aws_network_policy import AWS_NETWORK_POLICY
from firedoor.adapters.flows.formats.aws_vpc import AWS_VPC
from firedoor.adapters.flows.formats.calico_felix import CALICO_FELIX
from firedoor.adapters.flows.formats.calico_flowlogs import CALICO_FLOWLOGS
from firedoor.adapters.flows.formats.calico_goldmane import CALICO_GOLDMANE
from firedoor.adapters.flows.formats.conntrack import CONNTRACK
from firedoor.adapters.flows.formats.contract import BinaryFormat, Format
from firedoor.adapters.flows.formats.gke import GKE
from firedoor.adapters.flows.formats.hubble import HUBBLE
from firedoor.adapters.flows.formats.istio_access import ISTIO_ACCESS
from firedoor.adapters.flows.formats.kubernetes_audit import KUBERNETES_AUDIT
from firedoor.adapters.flows.formats.netobserv import NETOBSERV
from firedoor.adapters.flows.formats.ovn_acl import OVN_ACL
from firedoor.adapters.flows.formats.pcap import CAPTURE
from firedoor.adapters.flows.formats.ztunnel import ZTUNNEL

FORMATS: tuple[Format | BinaryFormat, ...] = (
    CAPTURE,
    CALICO_FLOWLOGS,
    CALICO_GOLDMANE,
    NETOBSERV,
    GKE,
    KUBERNETES_AUDIT,
    ZTUNNEL,
    ISTIO_ACCESS,
    AWS_NETWORK_POLICY,
    AWS_VPC,
    OVN_ACL,
    ANTREA,
    ANTREA_FLOWS,
    CALICO_FELIX,
    CONNTRACK,
    HUBBLE,
)


def format_named(name: str) -> Format | BinaryFormat | None:
    """Return the format of that name, None when there is none."""
    return next((each for each in FORMATS if each.name == name), None)


def detect(head: bytes) -> Format | BinaryFormat | None:
    """Return the format that the first 64 KiB of a file (decompressed) are in, None when no format knows them."""
    return next((each for each in FORMATS if each.sniff(head)), None)
