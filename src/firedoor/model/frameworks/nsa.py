"""The Kubernetes Hardening Guide of NSA and CISA, version 1.2: its sections, which have no numbers."""

from firedoor.model.frameworks.listing import Framework, FrameworkId, items

_POD = {
    "non-root-containers": '"Non-root" containers and "rootless" container engines',
    "immutable-file-systems": "Immutable container file systems",
    "secure-images": "Building secure container images",
    "pod-security-enforcement": "Pod security enforcement",
    "service-account-tokens": "Protecting Pod service account tokens",
    "hardening-container-environments": "Hardening container environments",
}
_NETWORK = {
    "namespaces": "Namespaces",
    "network-policies": "Network policies",
    "resource-policies": "Resource policies",
    "control-plane-hardening": "Control plane hardening",
    "etcd": "Etcd",
    "kubeconfig-files": "Kubeconfig files",
    "worker-node-segmentation": "Worker node segmentation",
    "encryption": "Encryption",
    "secrets": "Secrets",
    "sensitive-cloud-infrastructure": "Protecting sensitive cloud infrastructure",
}
_ACCESS = {"authentication": "Authentication", "rbac": "Role-based access control"}
_LOGGING = {
    "logging": "Logging",
    "audit-logging": "Kubernetes native audit logging configuration",
    "container-logging": "Worker node and container logging",
    "seccomp-audit": "Seccomp: audit mode",
    "syslog": "Syslog",
    "siem-platforms": "SIEM platforms",
    "service-meshes": "Service meshes",
    "fault-tolerance": "Fault tolerance",
}
_UPGRADING = {"upgrading": "Upgrading and application security practices"}

NSA = Framework(
    FrameworkId.NSA,
    "NSA/CISA Kubernetes Hardening Guide",
    "1.2",
    "National Security Agency, Cybersecurity and Infrastructure Security Agency",
    "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF",
    (
        *items("Kubernetes Pod security", _POD),
        *items("Network separation and hardening", _NETWORK),
        *items("Authentication and authorization", _ACCESS),
        *items("Audit Logging and Threat Detection", _LOGGING),
        *items("Upgrading and application security practices", _UPGRADING),
    ),
    "The guide does not number its sections: the ids are words of firedoor for their headings.",
    is_numbered=False,
)
