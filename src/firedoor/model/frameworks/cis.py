"""The CIS Kubernetes Benchmark v1.12.0: the recommendations about what the API server holds or runs as pods."""

from firedoor.model.frameworks.listing import Framework, FrameworkId, items

_API_SERVER = {
    "1.2.1": "Anonymous requests are off",
    "1.2.2": "No file of static tokens",
    "1.2.3": "DenyServiceExternalIPs is on",
    "1.2.4": "A client certificate towards kubelets",
    "1.2.5": "The certificates of kubelets are verified",
    "1.2.6": "Authorization is not AlwaysAllow",
    "1.2.7": "Authorization includes Node",
    "1.2.8": "Authorization includes RBAC",
    "1.2.9": "EventRateLimit is on",
    "1.2.10": "AlwaysAdmit is off",
    "1.2.11": "AlwaysPullImages is on",
    "1.2.12": "ServiceAccount admission is on",
    "1.2.13": "NamespaceLifecycle admission is on",
    "1.2.14": "NodeRestriction admission is on",
    "1.2.15": "Profiling is off",
    "1.2.16": "An audit log is written",
    "1.2.17": "How long audit logs are kept",
    "1.2.18": "How many audit logs are kept",
    "1.2.19": "How large an audit log gets",
    "1.2.20": "A timeout of requests",
    "1.2.21": "Tokens are looked up",
    "1.2.22": "A key of its own for tokens",
    "1.2.23": "A client certificate towards etcd",
    "1.2.24": "A serving certificate",
    "1.2.25": "A certificate authority for clients",
    "1.2.26": "The certificate of etcd is verified",
    "1.2.27": "Encryption at rest is configured",
    "1.2.28": "Encryption at rest is strong",
    "1.2.29": "Strong ciphers only",
    "1.2.30": "Tokens are not extended to a year",
}
_CONTROLLER_MANAGER = {
    "1.3.1": "Pods that ended are removed",
    "1.3.2": "Profiling is off",
    "1.3.3": "Controllers have accounts of their own",
    "1.3.4": "A private key for tokens",
    "1.3.5": "A root certificate in pods",
    "1.3.6": "Serving certificates of kubelets rotate",
    "1.3.7": "It listens on the loopback address",
}
_SCHEDULER = {"1.4.1": "Profiling is off", "1.4.2": "It listens on the loopback address"}
_ETCD = {
    "2.1": "A serving certificate",
    "2.2": "Clients need a certificate",
    "2.3": "No self-signed certificates",
    "2.4": "A certificate towards other members",
    "2.5": "Other members need a certificate",
    "2.6": "No self-signed certificates between members",
    "2.7": "A certificate authority of its own",
}
_AUTHENTICATION = {
    "3.1.1": "Users have no client certificates",
    "3.1.2": "Users have no tokens of service accounts",
    "3.1.3": "Users have no bootstrap tokens",
}
_LOGGING = {"3.2.1": "There is an audit policy", "3.2.2": "The audit policy covers what matters"}
_RBAC = {
    "5.1.1": "Use of cluster-admin",
    "5.1.2": "Access to Secrets",
    "5.1.3": "Wildcards in roles",
    "5.1.4": "Permission to create pods",
    "5.1.5": "Default service accounts",
    "5.1.6": "Tokens that are mounted",
    "5.1.7": "The group system:masters",
    "5.1.8": "Permissions to bind, impersonate and escalate",
    "5.1.9": "Permission to create persistent volumes",
    "5.1.10": "Access to the proxy of nodes",
    "5.1.11": "Approval of certificates",
    "5.1.12": "Access to webhook configurations",
    "5.1.13": "Creation of tokens of service accounts",
}
_POD_SECURITY = {
    "5.2.1": "Something controls what pods are admitted",
    "5.2.2": "Privileged containers",
    "5.2.3": "The process namespace of the host",
    "5.2.4": "The IPC namespace of the host",
    "5.2.5": "The network namespace of the host",
    "5.2.6": "allowPrivilegeEscalation",
    "5.2.7": "Root containers",
    "5.2.8": "The capability NET_RAW",
    "5.2.9": "Capabilities",
    "5.2.10": "HostProcess containers of Windows",
    "5.2.11": "hostPath volumes",
    "5.2.12": "Host ports",
}
_NETWORK = {"5.3.1": "A network plugin that enforces policies", "5.3.2": "Network policies in all namespaces"}
_SECRETS = {"5.4.1": "Secrets as files, not variables", "5.4.2": "Secrets outside the cluster"}
_ADMISSION = {"5.5.1": "Where images come from"}
_GENERAL = {
    "5.6.1": "Namespaces as boundaries",
    "5.6.2": "The seccomp profile of the runtime",
    "5.6.3": "Security contexts",
    "5.6.4": "The namespace default",
}

CIS = Framework(
    FrameworkId.CIS,
    "CIS Kubernetes Benchmark",
    "v1.12.0",
    "Center for Internet Security",
    "https://www.cisecurity.org/benchmark/kubernetes",
    (
        *items("1.2 API Server", _API_SERVER),
        *items("1.3 Controller Manager", _CONTROLLER_MANAGER),
        *items("1.4 Scheduler", _SCHEDULER),
        *items("2 etcd", _ETCD),
        *items("3.1 Authentication and Authorization", _AUTHENTICATION),
        *items("3.2 Logging", _LOGGING),
        *items("5.1 RBAC and Service Accounts", _RBAC),
        *items("5.2 Pod Security Standards", _POD_SECURITY),
        *items("5.3 Network Policies and CNI", _NETWORK),
        *items("5.4 Secrets Management", _SECRETS),
        *items("5.5 Extensible Admission Control", _ADMISSION),
        *items("5.6 General Policies", _GENERAL),
    ),
    "Sections 1.1 (files of the control plane) and 4 (worker nodes) are about files, flags and processes of nodes, "
    "which the API does not show.",
    own_words=True,
)
