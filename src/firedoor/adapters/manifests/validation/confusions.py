"""Fields that people expect and the API does not have: what each was meant to be, and what to do instead."""

POD_SPEC = r"(spec|spec\.template\.spec|spec\.jobTemplate\.spec\.template\.spec|template\.spec)"
NETWORK_RULE = r"spec\.(ingress|egress)\[\]"
NETWORK_PEER = NETWORK_RULE + r"\.(from|to)\[\]"
POD_KINDS = (
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
)
POLICY = ("NetworkPolicy",)

CONFUSIONS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        POD_KINDS,
        POD_SPEC + r"\.networkPolic(y|ies)(Name|Names)?",
        "a Pod has no networkPolicy field: policies select pods by label from their own object",
    ),
    (
        POLICY,
        r"spec\.ingress\[\]\.to",
        "an ingress rule says where traffic comes from: write from, or move the rule to spec.egress",
    ),
    (
        POLICY,
        r"spec\.egress\[\]\.from",
        "an egress rule says where traffic goes to: write to, or move the rule to spec.ingress",
    ),
    (
        POLICY,
        r"spec\.(selector|endpointSelector|subject|appliedTo)",
        "a NetworkPolicy names its pods with podSelector",
    ),
    (
        POLICY,
        r"spec\.(types|policyType)",
        "a NetworkPolicy names its directions with policyTypes, a list of Ingress and Egress",
    ),
    (
        POLICY,
        rf"(spec|{NETWORK_RULE})\.(action|deny|denied|priority|order|tier|ingressDeny|egressDeny)",
        (
            "a NetworkPolicy can only allow: it has no denying rules, no order and no priority; what no rule of "
            "any policy allows is denied. To deny more, use a ClusterNetworkPolicy or the policies of your CNI"
        ),
    ),
    (
        POLICY,
        rf"({NETWORK_PEER}|{NETWORK_RULE})\.(serviceAccount|serviceAccounts|serviceAccountSelector|serviceAccountName)",
        "a NetworkPolicy cannot select by service account: label the pods and select them with podSelector",
    ),
    (
        POLICY,
        rf"({NETWORK_PEER}|{NETWORK_RULE})\.(service|services|serviceSelector|toServices|serviceName)",
        "a NetworkPolicy cannot select a Service: select the pods behind it, and their own ports",
    ),
    (
        POLICY,
        rf"({NETWORK_PEER}|{NETWORK_RULE})\.(fqdn|fqdns|toFQDNs|domainNames|domains|host|hosts|dns)",
        "a NetworkPolicy cannot name a domain: use ipBlock, or the policies of a CNI that follows DNS",
    ),
    (
        POLICY,
        NETWORK_PEER + r"\.(namespace|namespaces|namespaceName)",
        "select namespaces by label: namespaceSelector, matchLabels, kubernetes.io/metadata.name: <name>",
    ),
    (
        POLICY,
        NETWORK_PEER + r"\.(cidr|except|ip|ips|ipBlocks|cidrs|nets)",
        "addresses belong into ipBlock: write ipBlock with cidr, and except below it",
    ),
    (
        POLICY,
        NETWORK_PEER + r"\.(matchLabels|matchExpressions|labels)",
        "a peer is podSelector or namespaceSelector: put the labels below one of them, one level deeper",
    ),
    (
        POLICY,
        NETWORK_RULE + r"\.(podSelector|namespaceSelector|ipBlock)",
        "a peer belongs into the list from (of an ingress rule) or to (of an egress rule), behind a dash",
    ),
    (
        POLICY,
        NETWORK_RULE + r"\.(protocol|port|endPort)",
        "protocol and port belong into the list ports, behind a dash",
    ),
    (
        POLICY,
        NETWORK_RULE + r"\.ports\[\]\.(containerPort|targetPort|number|portNumber|destinationPort|name)",
        "a port of a NetworkPolicy is written port: the number, or the name, of the port of the pod",
    ),
    (
        POLICY,
        NETWORK_RULE + r"\.ports\[\]\.(range|portRange|ports|start|end|from|to|startPort)",
        "a range of ports is written port (its first) and endPort (its last)",
    ),
    (
        POLICY,
        NETWORK_RULE + r"\.ports\[\]\.(podSelector|namespaceSelector|ipBlock|from|to)",
        "a peer belongs into the list from or to beside ports, not into ports",
    ),
    (
        ("RoleBinding", "ClusterRoleBinding"),
        r"roleRef\.namespace",
        "a roleRef has no namespace: a Role is looked for in the namespace of its RoleBinding",
    ),
    (
        ("Role", "ClusterRole"),
        r"(spec|spec\..*)",
        "a role has no spec: rules stand at the top level",
    ),
    (
        ("RoleBinding", "ClusterRoleBinding"),
        r"(spec|spec\..*)",
        "a binding has no spec: subjects and roleRef stand at the top level",
    ),
    (
        ("Service",),
        r"spec\.ports\[\]\.containerPort",
        "the port of the pod is written targetPort in a Service",
    ),
    (
        ("Ingress",),
        r"spec\.(rules\[\]\.http\.paths\[\]\.backend|backend|defaultBackend)\.(serviceName|servicePort)",
        "since networking.k8s.io/v1 a backend is written service: {name: ..., port: {number: ...}}",
    ),
    (("Ingress",), r"spec\.backend", "since networking.k8s.io/v1 it is written defaultBackend"),
)
