"""The words that generated rules and questions are made of."""

NAMESPACES = ("alpha", "beta", "gamma", "delta")
"""The namespaces that are made."""
UNKNOWN_NAMESPACE = "nowhere"

VERBS = (
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
)
RBAC = "rbac.authorization.k8s.io"
RESOURCES = (
    ("", "pods"),
    ("", "secrets"),
    ("", "configmaps"),
    ("", "services"),
    ("", "serviceaccounts"),
    ("", "nodes"),
    ("", "namespaces"),
    ("", "persistentvolumes"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("networking.k8s.io", "networkpolicies"),
    ("networking.k8s.io", "ingresses"),
    (RBAC, "roles"),
    (RBAC, "clusterroles"),
    (RBAC, "rolebindings"),
    ("example.org", "widgets"),
    ("example.org", "pods"),
)
"""Groups and resources, namespaced and not; those of ``example.org`` exist nowhere."""
SUBRESOURCES = {
    "pods": ("log", "exec", "status", "portforward", "eviction"),
    "deployments": ("scale", "status"),
    "statefulsets": ("scale", "status"),
    "serviceaccounts": ("token",),
    "nodes": ("proxy", "status", "metrics"),
    "namespaces": ("finalize", "status"),
    "widgets": ("scale", "part/of"),
}
OTHER_SUBRESOURCES = ("scale", "status", "log", "nothing")
OBJECT_NAMES = ("web", "db", "web-0", "Web", "*")
"""Names of objects that ``resourceNames`` list; the star is a name like any other there."""

URL_PATTERNS = (
    "/healthz",
    "/healthz/*",
    "/logs/*",
    "/logs*",
    "/metrics",
    "/api/*",
    "/apis/apps/*",
    "/custom/**",
    "/custom/*/deep",
    "/debug/pprof/",
)
PATHS = (
    "/",
    "/healthz",
    "/healthz/",
    "/healthz/etcd",
    "/Healthz",
    "/logs",
    "/logs/",
    "/logs/kube",
    "/logsmore",
    "/metrics",
    "/metrics/cadvisor",
    "/api",
    "/api/v1",
    "/apis/apps/v1",
    "/custom/a/deep",
    "/custom/*/deep",
    "/custom/**",
    "/debug/pprof/",
    "/debug/pprof/heap",
    "/version",
    "*",
)

USERS = ("alice", "bob", "carol", "dave", "Alice", "erin@example.org", "system:anonymous", "system:kube-scheduler")
GROUPS = ("devs", "ops", "auditors", "Devs", "oidc:platform", "system:masters")
ACCOUNTS = ("robot", "builder", "default")

BOOTSTRAP_ROLES = (
    "view",
    "edit",
    "admin",
    "cluster-admin",
    "system:discovery",
    "system:node",
    "system:auth-delegator",
    "system:kube-scheduler",
    "system:monitoring",
    "system:aggregate-to-view",
    "system:controller:job-controller",
)
"""Some of the roles that the API server makes itself."""
