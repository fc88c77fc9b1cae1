"""One valid object of every kind that has rules, and the means to spoil it in one place."""

import copy
import re
from typing import Any

import yaml

from firedoor.adapters.manifests.validation import LATEST, Problem, validate

POD_SPEC = """
      serviceAccountName: web
      nodeSelector: {kubernetes.io/os: linux}
      volumes: [{name: data, emptyDir: {}}]
      initContainers: [{name: init, image: "busybox:1"}]
      containers:
      - name: app
        image: registry.example/app:1.2
        ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]
        env: [{name: MODE, value: "on"}, {name: EMPTY, value: null}]
        resources: {requests: {cpu: 0.5, memory: 64Mi}, limits: {cpu: 1, memory: 1Gi}}
        volumeMounts: [{name: data, mountPath: /data}]
        readinessProbe: {httpGet: {port: http, path: /}}
"""
TEMPLATE = f"""
  template:
    metadata: {{labels: {{app: web, tier: front}}}}
    spec: {POD_SPEC}
"""
WORKLOAD = f"  selector: {{matchLabels: {{app: web}}}}{TEMPLATE}"

DOCUMENTS = f"""
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
  labels: {{app.kubernetes.io/name: db}}
  annotations: {{note: any text}}
spec:
  podSelector:
    matchLabels: {{app: db, empty: ""}}
    matchExpressions: [{{key: tier, operator: In, values: [a, b]}}, {{key: old, operator: DoesNotExist}}]
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {{matchLabels: {{app: web}}}}
    - podSelector: {{}}
      namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: shop}}}}
    - ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.3.4/32]}}
    - ipBlock: {{cidr: "2001:db8::/32", except: ["2001:db8:1::/48"]}}
    ports: [{{port: 5432}}, {{protocol: UDP, port: dns}}, {{protocol: SCTP}}, {{port: 8000, endPort: 9000}}]
  - {{}}
  egress: [{{to: null, ports: null}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web}}
spec:
  ingressClassName: nginx
  tls: [{{hosts: [shop.example.com, "*.example.com"], secretName: tls}}]
  rules:
  - host: shop.example.com
    http:
      paths:
      - {{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}
      - {{path: /x, pathType: Exact, backend: {{service: {{name: web, port: {{name: http}}}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: nginx}}
spec: {{controller: k8s.io/ingress-nginx, parameters: {{kind: Settings, name: main, scope: Cluster}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: web, creationTimestamp: null}}
spec: {POD_SPEC}
---
apiVersion: v1
kind: PodTemplate
metadata: {{name: web}}
{TEMPLATE.replace(chr(10) + "  ", chr(10))}
---
apiVersion: v1
kind: ReplicationController
metadata: {{name: web}}
spec:
  selector: {{app: web}}{TEMPLATE}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
{WORKLOAD}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: web}}
spec:
{WORKLOAD}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: web}}
spec:
{WORKLOAD}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: web
{WORKLOAD}
---
apiVersion: batch/v1
kind: Job
metadata: {{generateName: once-}}
spec:{TEMPLATE}
      restartPolicy: Never
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly}}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{{name: app, image: app}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{name: http, port: 80, targetPort: http}}, {{name: dns, port: 53, protocol: UDP, targetPort: 53}}]
---
apiVersion: v1
kind: Endpoints
metadata: {{name: web}}
subsets: [{{addresses: [{{ip: 10.0.0.7}}], ports: [{{port: 80}}]}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: web-1}}
addressType: IPv4
endpoints: [{{addresses: [10.0.0.7], conditions: {{ready: true}}}}]
ports: [{{name: http, port: 80, protocol: TCP}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: "system:reader", namespace: shop}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [get, list]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: reader}}
rules: [{{nonResourceURLs: [/metrics], verbs: [get]}}, {{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: collected}}
aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{collect: "true"}}}}]}}
rules: null
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: readers, namespace: shop}}
roleRef: {{kind: Role, name: reader}}
subjects:
- {{kind: ServiceAccount, name: web}}
- {{kind: User, name: "jo@example.com", apiGroup: rbac.authorization.k8s.io}}
- {{kind: Group, name: "system:authenticated"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: readers}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}}
subjects: [{{kind: ServiceAccount, name: web, namespace: shop}}]
---
{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, labels: {{team: a}}}}}}
---
apiVersion: v1
kind: Node
metadata: {{name: node-1.example.com}}
status: {{addresses: [{{type: InternalIP, address: 192.0.2.1}}]}}
---
{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: web}}, automountServiceAccountToken: false}}
---
{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings}}, data: {{a.conf: "x=1"}}}}
---
{{apiVersion: v1, kind: Secret, metadata: {{name: key}}, stringData: {{key: value}}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
---
apiVersion: v1
kind: LimitRange
metadata: {{name: limits}}
spec: {{limits: [{{type: Container, default: {{cpu: 1}}}}]}}
---
{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: quota}}, spec: {{hard: {{pods: "10"}}}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web}}
spec: {{minAvailable: 50%, selector: {{matchLabels: {{app: web}}}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  maxReplicas: 5
  metrics:
  - type: Resource
    resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 80}}}}
"""

VALID: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all(DOCUMENTS))
BY_KIND: dict[str, dict[str, Any]] = {document["kind"]: document for document in reversed(VALID)}
STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class _Absent:
    """Stands for a field that is left out; its text is stable, since test names are made of it."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


def spoiled(kind: str, place: str, value: Any) -> dict[str, Any]:
    """Return the valid object of a kind with one field set to another value, or without it."""
    document = copy.deepcopy(BY_KIND[kind])
    *steps, last = [int(index) if index else name for index, name in STEP.findall(place)]
    target: Any = document
    for step in steps:
        target = target[step] if isinstance(step, int) else target.setdefault(step, {})
    if value is ABSENT:
        del target[last]
    elif isinstance(last, int) and last == len(target):
        target.append(value)
    else:
        target[last] = value
    return document


def problems_of(kind: str, place: str, value: Any, version: str = LATEST) -> dict[str, list[Problem]]:
    """Return the problems of a spoiled object by their paths."""
    found: dict[str, list[Problem]] = {}
    for problem in validate(spoiled(kind, place, value), version):
        found.setdefault(problem.path, []).append(problem)
    return found


def assert_rejected(case: tuple[str, str, Any, str, str], version: str = LATEST) -> None:
    """Assert that an object, spoiled in one place, is rejected there with these words and a remedy."""
    kind, place, value, path, fragment = case
    found = problems_of(kind, place, value, version)
    assert path in found, found
    matching = [problem for problem in found[path] if fragment in problem.message]
    assert matching, found[path]
    assert all(problem.remedy for problem in matching)
