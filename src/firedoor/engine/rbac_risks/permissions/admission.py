"""What stands in the way of every request: webhooks, policies, APIs."""

from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import GRAVE, SERIOUS, PermissionRisk, any_of
from firedoor.model.frameworks import Mappings

_GROUP = "admissionregistration.k8s.io"
_WRITE = ("create", "update", "patch")
_CHANGE = (*_WRITE, "delete", "deletecollection")

RISKS = (
    PermissionRisk(
        id="webhooks-write",
        title="Changes admission webhooks",
        mappings=Mappings(
            cis=("5.1.12",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1557",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="create, change or delete admission webhooks",
        why="a webhook sees every object that it asks for, Secrets too, and a mutating one changes it; without its "
        "webhook "
        "a policy engine refuses nothing",
        remedy="leave webhooks to their own controllers, by name (resourceNames)",
        ways=any_of(
            Permission(
                _CHANGE,
                ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
                _GROUP,
                is_clustered=True,
            )
        ),
    ),
    PermissionRisk(
        id="admission-policy-write",
        title="Changes admission policies",
        mappings=Mappings(
            cis=("5.2.1",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1562.001",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="create, change or delete admission policies or their bindings",
        why="such a policy refuses or changes requests without any server; without it what it refused goes through",
        remedy="leave admission policies to few people or to a tool whose changes are reviewed",
        ways=any_of(
            Permission(
                _CHANGE,
                (
                    "validatingadmissionpolicies",
                    "validatingadmissionpolicybindings",
                    "mutatingadmissionpolicies",
                    "mutatingadmissionpolicybindings",
                ),
                _GROUP,
                is_clustered=True,
            )
        ),
    ),
    PermissionRisk(
        id="policy-engine-write",
        title="Changes the policies of Kyverno or Gatekeeper",
        mappings=Mappings(
            cis=("5.2.1",),
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1562.001",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="create, change or delete policies of a policy engine",
        why="without the policy what it refused goes through, and Kyverno also creates and changes objects by policy",
        remedy="leave these policies to few people or to a tool whose changes are reviewed",
        ways=any_of(
            Permission(_CHANGE, ("policies", "policyexceptions"), "kyverno.io"),
            Permission(_CHANGE, ("clusterpolicies",), "kyverno.io", is_clustered=True),
            Permission(_CHANGE, ("constrainttemplates",), "templates.gatekeeper.sh", is_clustered=True),
            Permission(_CHANGE, ("?",), "constraints.gatekeeper.sh", is_clustered=True),
        ),
    ),
    PermissionRisk(
        id="apiservice-write",
        title="Registers APIs",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1557",),
            pci_dss_4=("7.2.5",),
        ),
        levels=GRAVE,
        does="send requests for API groups to a server of its own",
        why="the API server hands requests for the group, and who sent them, to whatever an APIService points to",
        remedy="leave APIServices to cluster administrators",
        ways=any_of(Permission(_WRITE, ("apiservices",), "apiregistration.k8s.io", is_clustered=True)),
    ),
    PermissionRisk(
        id="crd-write",
        title="Changes custom resource definitions",
        mappings=Mappings(
            nsa=("rbac",),
            nist_800_207=("3",),
            nist_800_53=("AC-6(1)", "CM-5"),
            mitre=("T1557",),
            pci_dss_4=("7.2.5",),
        ),
        levels=SERIOUS,
        does="create, change or delete custom resource definitions",
        why="a conversion webhook reads and rewrites every object of the kind; deleting a definition deletes all its "
        "objects",
        remedy="leave custom resource definitions to cluster administrators",
        ways=any_of(Permission(_CHANGE, ("customresourcedefinitions",), "apiextensions.k8s.io", is_clustered=True)),
    ),
)
