"""Who owns the segmentation and the ways of traffic."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, MODERATE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_WRITE = ("create", "update", "patch")
_CHANGE = (*_WRITE, "delete", "deletecollection")

_CALICO = ("networkpolicies", "stagednetworkpolicies", "stagedkubernetesnetworkpolicies", "networksets")
_CALICO_GLOBAL = (
    "globalnetworkpolicies",
    "stagedglobalnetworkpolicies",
    "globalnetworksets",
    "tiers",
    "hostendpoints",
    "felixconfigurations",
)
_CALICO_GROUPS = ("crd.projectcalico.org", "projectcalico.org")

RISKS = (
    PermissionRisk(
        id="netpol-write",
        title="Changes network policies",
        mappings=Mappings(
            nsa=("rbac", "network-policies"),
            nist_800_207=("3",),
            nist_800_53=("AC-4", "AC-6(1)", "CM-5"),
            mitre=("T1562.007",),
            pci_dss_4=("1.2.8", "7.2.5"),
        ),
        levels=SERIOUS,
        does="create, change or delete network policies",
        why="whoever writes the policies owns the segmentation: deleting one, or adding one that allows, opens the "
        "pods",
        remedy="leave policies to few people or to a tool whose changes are reviewed",
        ways=any_of(
            Permission(_CHANGE, ("networkpolicies",), "networking.k8s.io"),
            Permission(_CHANGE, ("ciliumnetworkpolicies", "ciliumcidrgroups"), "cilium.io"),
            *(Permission(_CHANGE, _CALICO, group) for group in _CALICO_GROUPS),
            Permission(_CHANGE, ("authorizationpolicies", "peerauthentications"), "security.istio.io"),
        ),
    ),
    PermissionRisk(
        id="netpol-cluster-write",
        title="Changes cluster-wide network policies",
        mappings=Mappings(
            nsa=("rbac", "network-policies"),
            nist_800_207=("3",),
            nist_800_53=("AC-4", "AC-6(1)", "CM-5"),
            mitre=("T1562.007",),
            pci_dss_4=("1.2.8", "7.2.5"),
        ),
        levels=GRAVE,
        does="create, change or delete network policies for the whole cluster",
        why="a policy of an administrator's tier overrules those of the namespaces, in both directions",
        remedy="leave cluster-wide policies to those who answer for the whole network",
        ways=any_of(
            Permission(
                _CHANGE,
                ("adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"),
                "policy.networking.k8s.io",
                is_clustered=True,
            ),
            Permission(_CHANGE, ("ciliumclusterwidenetworkpolicies",), "cilium.io", is_clustered=True),
            *(Permission(_CHANGE, _CALICO_GLOBAL, group, is_clustered=True) for group in _CALICO_GROUPS),
        ),
    ),
    PermissionRisk(
        id="namespace-labels",
        title="Changes the labels of namespaces",
        mappings=Mappings(
            cis=("5.2.1",),
            nsa=("rbac", "namespaces"),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1562.001",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="change namespaces and their labels",
        why="labels of a namespace set its pod security level and say which network policies let it in; a "
        "RoleBinding in the "
        "namespace is enough for that",
        remedy="take update and patch on namespaces away from who works inside them",
        ways=any_of(Permission(("update", "patch"), ("namespaces",))),
    ),
    PermissionRisk(
        id="traffic-redirect",
        title="Leads traffic elsewhere",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-4", "AC-6"),
            mitre=("T1557",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="create or change Services, endpoints, routes or Gateways",
        why="traffic for a name goes where its endpoints point; externalIPs and the status of a load balancer draw "
        "traffic "
        "for addresses outside (CVE-2020-8554)",
        remedy="permit Services and routes to who deploys there; leave endpoints and status to controllers",
        ways=any_of(
            Permission(_WRITE, ("services", "endpoints")),
            Permission(("update", "patch"), ("services/status",)),
            Permission(_WRITE, ("endpointslices",), "discovery.k8s.io"),
            Permission(_WRITE, ("ingresses",), "networking.k8s.io"),
            Permission(
                _WRITE,
                ("gateways", "httproutes", "grpcroutes", "tcproutes", "tlsroutes", "udproutes", "referencegrants"),
                "gateway.networking.k8s.io",
            ),
            Permission(
                _WRITE, ("virtualservices", "gateways", "serviceentries", "envoyfilters"), "networking.istio.io"
            ),
        ),
    ),
    PermissionRisk(
        id="network-attach",
        title="Changes secondary networks",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-4", "AC-6(1)", "SC-7(21)"),
            mitre=("T1599",),
            pci_dss_4=("1.2.8", "7.2.5"),
        ),
        levels=MODERATE,
        does="create or change secondary networks",
        why="a second interface is a way around the policies for the first one",
        remedy="leave NetworkAttachmentDefinitions to those who answer for the network",
        ways=any_of(Permission(_WRITE, ("network-attachment-definitions",), "k8s.cni.cncf.io")),
    ),
)
