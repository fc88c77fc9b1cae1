"""
What the NetworkPolicy API leaves to the network plugin, one profile per plugin.

The API says what a policy means between pods selected by labels. It does not say
whether anything enforces it, nor whether an `ipBlock` peer reaches addresses that
belong to the cluster itself. Those are the options here. The sources of every
value are listed in `docs/reference/cni-profiles.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CniProfile:
    """
    How one network plugin fills in what NetworkPolicy v1 leaves open.

    `enforced`: whether policies have any effect at all. `ipblock_matches_pods`:
    whether `ipBlock` peers match the addresses of pods. `ipblock_matches_nodes`:
    whether they match the addresses of nodes, and so of host-network pods. Both hold
    for the CIDRs in policies of Cilium too, which it finds in the same way.
    `icmp_as_written`: whether policies restrict ICMP as they do ports, so that rules
    without ports let it pass and all others do not; else nobody knows.
    """

    name: str
    enforced: bool
    ipblock_matches_pods: bool
    ipblock_matches_nodes: bool
    summary: str
    icmp_as_written: bool = False


SPEC = CniProfile(
    "spec",
    enforced=True,
    ipblock_matches_pods=False,
    ipblock_matches_nodes=True,
    summary="The API text alone: ipBlock is meant for addresses outside the cluster, which nodes count as.",
)


def _by_address(name: str, summary: str, *, icmp: bool = False) -> CniProfile:
    """Return the profile of a plugin that compares packet addresses with the CIDR, whoever owns them."""
    return CniProfile(
        name,
        enforced=True,
        ipblock_matches_pods=True,
        ipblock_matches_nodes=True,
        summary=summary,
        icmp_as_written=icmp,
    )


def _by_identity(name: str, summary: str, *, pods: bool = False, nodes: bool = False) -> CniProfile:
    """Return the profile of a plugin that knows cluster members by identity, and keeps CIDRs from these if not told."""
    return CniProfile(
        name,
        enforced=True,
        ipblock_matches_pods=pods,
        ipblock_matches_nodes=nodes,
        summary=summary,
        icmp_as_written=True,
    )


def _unenforced(name: str, summary: str) -> CniProfile:
    """Return the profile of a plugin under which a policy changes nothing."""
    return CniProfile(name, enforced=False, ipblock_matches_pods=False, ipblock_matches_nodes=False, summary=summary)


PROFILES: Mapping[str, CniProfile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            SPEC,
            _by_address("calico", "Calico or Canal: CIDRs match any address, pods and nodes included.", icmp=True),
            _by_identity(
                "cilium",
                "Cilium with policy-cidr-match-mode not set, also as Azure CNI powered by Cilium: "
                "CIDRs match neither pods nor nodes.",
            ),
            _by_identity("cilium-nodes", "Cilium with policy-cidr-match-mode=nodes: CIDRs match nodes.", nodes=True),
            _by_identity(
                "cilium-pods", "Cilium since 1.20 with policy-cidr-match-mode=pods: CIDRs match pods.", pods=True
            ),
            _by_identity(
                "cilium-nodes-pods",
                "Cilium since 1.20 with policy-cidr-match-mode=nodes,pods: CIDRs match any address.",
                pods=True,
                nodes=True,
            ),
            _by_address(
                "aws",
                "Amazon VPC CNI with its network policy agent: CIDRs match any address; enforces only "
                "where the agent runs with --enable-network-policy=true.",
            ),
            _by_address(
                "azure",
                "Azure Network Policy Manager: CIDRs match any address; a pod may always reach its own node.",
            ),
            _by_identity(
                "gke-dataplane-v2",
                "GKE Dataplane V2, built on Cilium: CIDRs match neither pods nor nodes.",
            ),
            _by_address(
                "ovn",
                "OVN-Kubernetes: CIDRs match any address; except entries beat the other rules.",
            ),
            _by_address("antrea", "Antrea: CIDRs match any address, pods and nodes included."),
            _by_address(
                "kube-router",
                "kube-router, also inside k3s: CIDRs match any address; SCTP rules are unsupported.",
            ),
            _by_address(
                "kube-network-policies",
                "The SIG Network policy agent, beside any plugin: CIDRs match any address.",
            ),
            _by_address(
                "kindnet",
                "kindnetd since kind 0.24: enforces through kube-network-policies; CIDRs match any address.",
            ),
            _by_address("weave", "Weave Net, archived in 2024: CIDRs match any address; endPort is not read."),
            _unenforced("flannel", "Flannel alone moves packets: no policy is enforced."),
            _unenforced("none", "Nothing enforces policies in this cluster."),
        )
    }
)


@dataclass(frozen=True, slots=True)
class _Signature:
    """The DaemonSets and container images by which one plugin's node agent is known."""

    cni: str
    namespaces: frozenset[str]
    daemonsets: frozenset[str]
    repositories: tuple[str, ...]

    def names(self, workload: tuple[str, str, str]) -> bool:
        """Return whether this kind, namespace and name are those of the plugin's node agent."""
        kind, namespace, name = workload
        return kind == "DaemonSet" and namespace in self.namespaces and name in self.daemonsets

    def runs(self, repository: str) -> bool:
        """Return whether this image repository, whatever its registry, holds the plugin's node agent."""
        return any(repository == known or repository.endswith(f"/{known}") for known in self.repositories)


def _signature(cni: str, namespaces: str, daemonsets: str, repositories: str) -> _Signature:
    """Return a signature from space-separated words."""
    return _Signature(cni, frozenset(namespaces.split()), frozenset(daemonsets.split()), tuple(repositories.split()))


# Only what enforces (or, last, what carries packets) on every node counts. Controllers, operators and
# CLIs are left out on purpose: calico-kube-controllers without calico-node filters nothing.
_SIGNATURES = (
    _signature(
        "calico",
        "kube-system calico-system",
        "calico-node canal rke2-canal",
        "calico/node mirrored-calico-node hardened-calico",
    ),
    _signature(
        "cilium",
        "kube-system cilium cilium-system",
        "cilium",
        "cilium/cilium isovalent/cilium mirrored-cilium-cilium",
    ),
    _signature("aws", "", "", "aws-network-policy-agent"),
    _signature("azure", "kube-system", "azure-npm", "containernetworking/azure-npm"),
    _signature("gke-dataplane-v2", "kube-system", "anetd", ""),
    _signature(
        "ovn",
        "openshift-ovn-kubernetes ovn-kubernetes",
        "ovnkube-node ovnkube-single-node-zone",
        "ovn-kubernetes/ovn-kube-ubuntu ovn-kubernetes/ovn-kube-fedora",
    ),
    _signature("antrea", "kube-system", "antrea-agent", "antrea/antrea-agent-ubuntu antrea/antrea-agent-ubi"),
    _signature("kube-router", "kube-system", "kube-router", "cloudnativelabs/kube-router"),
    _signature(
        "kube-network-policies",
        "kube-system",
        "kube-network-policies",
        "networking/kube-network-policies",
    ),
    _signature("kindnet", "kube-system", "kindnet kindnetd", "kindest/kindnetd aojea/kindnetd"),
    _signature("weave", "kube-system", "weave-net", "weaveworks/weave-npc"),
    _signature(
        "flannel",
        "kube-flannel kube-system",
        "kube-flannel kube-flannel-ds kube-flannel-ds-amd64 kube-flannel-ds-arm64",
        "flannel/flannel flannelcni/flannel flannel-io/flannel coreos/flannel mirrored-flannelcni-flannel "
        "mirrored-flannel-flannel",
    ),
    # The address managers of two clouds: alone they carry packets and filter none.
    _signature("none", "kube-system", "aws-node azure-cns", "amazon-k8s-cni containernetworking/azure-cns"),
)

# kind dates its kindnetd builds; those before this day (kind 0.23 and older) had no policy engine.
_KINDNETD_ENFORCES_SINCE = "v20240730"


def _split_image(image: str) -> tuple[str, str]:
    """Return the repository and the tag (or nothing) of an image reference, without its digest."""
    reference = image.partition("@")[0]
    parent, slash, last = reference.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{parent}{slash}{name}", tag


def _predates_policies(image: str) -> bool:
    """Return whether this is a dated kindnetd build from before it enforced policies."""
    repository, tag = _split_image(image)
    dated = tag.partition("-")[0]
    return (
        repository.endswith("kindest/kindnetd")
        and len(dated) == len(_KINDNETD_ENFORCES_SINCE)
        and dated < _KINDNETD_ENFORCES_SINCE
    )


def detect(images: Iterable[str], names: Iterable[tuple[str, str, str]]) -> str | None:
    """
    Return the name of the profile that fits these workloads, or nothing when it is open.

    `images` are container image references; `names` are kind, namespace and name of
    workloads. Nothing is returned when no known node agent is among them, and also
    when two independent policy engines are: a guess would decide every answer.
    """
    return _only(candidates(images, names))


def candidates(images: Iterable[str], names: Iterable[tuple[str, str, str]]) -> set[str]:
    """Return the names of the profiles of all plugins among these workloads that may decide, as `detect` takes them."""
    references, workloads = set(images), set(names)
    repositories = {_split_image(image)[0] for image in references}
    present = {
        signature.cni
        for signature in _SIGNATURES
        if any(map(signature.names, workloads)) or any(map(signature.runs, repositories))
    }
    if any(map(_predates_policies, references)):
        present = (present - {"kindnet"}) | {"none"}
    return _deciding(present)


def _deciding(present: set[str]) -> set[str]:
    """Return the plugins among these that decide, without those that only carry or are built in."""
    enforcers = {name for name in present if PROFILES[name].enforced}
    if "gke-dataplane-v2" in enforcers:
        enforcers -= {"cilium"}  # anetd is Cilium under another name, and runs its image
    if len(enforcers) > 1:
        enforcers -= {"aws"}  # the VPC CNI ships its agent idle beside Calico or Cilium
    return enforcers or present


def _only(candidates: set[str]) -> str | None:
    """Return the one candidate, or nothing when there are none or several."""
    return next(iter(candidates)) if len(candidates) == 1 else None
