"""Objects that use much of the API, each valid: what the demo shop does not have."""

from __future__ import annotations

from typing import Any

import yaml

NAMESPACE = "nearly"
"""The namespace of the samples: one in which pods may do what they like."""

POD = """
      serviceAccountName: default
      terminationGracePeriodSeconds: 60
      hostname: web
      subdomain: web
      nodeSelector: {kubernetes.io/os: linux}
      securityContext:
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
        supplementalGroups: [1, 2]
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile: {type: Localhost, localhostProfile: profiles/web.json}
        sysctls: [{name: net.core.somaxconn, value: "1024"}]
      dnsConfig: {nameservers: [10.0.0.10], searches: [a.example.com], options: [{name: ndots, value: "2"}]}
      dnsPolicy: None
      hostAliases: [{ip: 10.0.0.1, hostnames: [db.example.com]}]
      tolerations:
      - {key: dedicated, operator: Equal, value: web, effect: NoSchedule}
      - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 60}
      topologySpreadConstraints:
      - maxSkew: 1
        minDomains: 2
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: web}}
        nodeTaintsPolicy: Honor
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions: [{key: size, operator: Gt, values: ["3"]}, {key: zone, operator: In, values: [a, b]}]
            - matchFields: [{key: metadata.name, operator: In, values: [node-1]}]
          preferredDuringSchedulingIgnoredDuringExecution:
          - {weight: 10, preference: {matchExpressions: [{key: fast, operator: Exists}]}}
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}, namespaces: [shop]}
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 1
            podAffinityTerm: {topologyKey: zone, labelSelector: {}, matchLabelKeys: [version]}
      volumes:
      - {name: settings, configMap: {name: settings, defaultMode: 420, items: [{key: a, path: a/b.conf, mode: 256}]}}
      - {name: key, secret: {secretName: key, items: [{key: a, path: a}]}}
      - {name: scratch, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
      - {name: logs, hostPath: {path: /var/log, type: Directory}}
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: share, nfs: {server: nfs.example.com, path: /share}}
      - {name: driver, csi: {driver: csi.example.com, nodePublishSecretRef: {name: key}}}
      - name: own
        ephemeral:
          volumeClaimTemplate:
            metadata: {labels: {a: b}}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: fast}
      - name: facts
        downwardAPI:
          items:
          - {path: labels, fieldRef: {fieldPath: metadata.labels}}
          - {path: cpu, resourceFieldRef: {containerName: app, resource: limits.cpu, divisor: 1m}}
      - name: all
        projected:
          sources:
          - {secret: {name: key, items: [{key: a, path: key}]}}
          - {configMap: {name: settings}}
          - {serviceAccountToken: {path: token, expirationSeconds: 3600, audience: vault}}
          - {downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
      initContainers:
      - name: first
        image: busybox:1
        command: [sh, -c, "true"]
        volumeMounts: [{name: scratch, mountPath: /tmp}]
      - name: beside
        image: proxy:1
        restartPolicy: Always
        startupProbe: {exec: {command: ["true"]}}
        ports: [{containerPort: 9000, hostPort: 9000}]
      containers:
      - name: app
        image: registry.example/app:1.2
        imagePullPolicy: IfNotPresent
        terminationMessagePolicy: File
        ports: [{name: http, containerPort: 8080, hostPort: 8081}, {name: dns, containerPort: 53, protocol: UDP}]
        envFrom: [{prefix: A_, configMapRef: {name: settings}}, {secretRef: {name: key, optional: true}}]
        env:
        - {name: MODE, value: "on"}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: APP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['app']"}}}
        - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
        - {name: KEY, valueFrom: {secretKeyRef: {name: key, key: a}}}
        - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}
        resources:
          requests: {cpu: 0.5, memory: 64Mi, example.com/gpu: 1}
          limits: {cpu: 1, memory: 1Gi, example.com/gpu: 1}
        volumeMounts:
        - {name: settings, mountPath: /etc/app, readOnly: true, recursiveReadOnly: Disabled}
        - {name: data, mountPath: /data, subPath: a/b}
        - {name: logs, mountPath: /logs, mountPropagation: HostToContainer}
        securityContext:
          allowPrivilegeEscalation: false
          capabilities: {drop: [ALL]}
          runAsUser: 1000
          seccompProfile: {type: RuntimeDefault}
          appArmorProfile: {type: Localhost, localhostProfile: web}
        livenessProbe:
          httpGet: {port: http, path: /, scheme: HTTP, httpHeaders: [{name: X-A, value: b}]}
          periodSeconds: 5
        readinessProbe: {tcpSocket: {port: 8080}, successThreshold: 2, timeoutSeconds: 1}
        startupProbe: {grpc: {port: 9000}, failureThreshold: 30, terminationGracePeriodSeconds: 10}
        lifecycle: {postStart: {exec: {command: ["true"]}}, preStop: {sleep: {seconds: 5}}}
      - name: block
        image: block:1
        volumeDevices: [{name: own, devicePath: /dev/own}]
"""
TEMPLATE = f"""
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}, annotations: {{note: text}}}}
    spec: {POD}
"""
JOB = """
    backoffLimit: 3
    completionMode: Indexed
    completions: 4
    parallelism: 2
    backoffLimitPerIndex: 1
    maxFailedIndexes: 2
    ttlSecondsAfterFinished: 60
    podFailurePolicy:
      rules:
      - {action: FailIndex, onExitCodes: {containerName: app, operator: In, values: [1, 42]}}
      - {action: Ignore, onPodConditions: [{type: DisruptionTarget, status: "True"}]}
    successPolicy: {rules: [{succeededCount: 2}]}
    template:
      spec:
        restartPolicy: Never
        containers: [{name: app, image: "app:1"}]
"""
OTHERS = f"""
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: nearly, labels: {{app: web}}}}
spec: {POD}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: nearly}}
spec:
  replicas: 2
  minReadySeconds: 5
  progressDeadlineSeconds: 300
  strategy: {{type: RollingUpdate, rollingUpdate: {{maxUnavailable: 0, maxSurge: 25%}}}}
{TEMPLATE}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: web, namespace: nearly}}
spec:
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{maxUnavailable: 10%}}}}
{TEMPLATE}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web, namespace: nearly}}
spec:
  serviceName: web
  podManagementPolicy: Parallel
  ordinals: {{start: 1}}
  persistentVolumeClaimRetentionPolicy: {{whenDeleted: Delete, whenScaled: Retain}}
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: 1}}}}
  volumeClaimTemplates:
  - metadata: {{name: more}}
    spec:
      accessModes: [ReadWriteOnce]
      volumeMode: Filesystem
      resources: {{requests: {{storage: 1Gi}}}}
      dataSource: {{apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: old}}
{TEMPLATE}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: once, namespace: nearly}}
spec: {JOB}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly, namespace: nearly}}
spec:
  schedule: "*/15 0-6/2 1,15 jan-mar mon"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 60
  successfulJobsHistoryLimit: 1
  jobTemplate:
    spec: {JOB.replace(chr(10), chr(10) + "  ")}
---
apiVersion: v1
kind: Service
metadata: {{name: inside, namespace: nearly}}
spec:
  type: ClusterIP
  sessionAffinity: ClientIP
  sessionAffinityConfig: {{clientIP: {{timeoutSeconds: 60}}}}
  internalTrafficPolicy: Local
  trafficDistribution: PreferClose
  ipFamilies: [IPv4]
  ipFamilyPolicy: SingleStack
  selector: {{app: web}}
  ports: [{{name: http, port: 80, targetPort: http, appProtocol: https}}, {{name: dns, port: 53, protocol: UDP}}]
---
apiVersion: v1
kind: Service
metadata: {{name: headless, namespace: nearly}}
spec: {{clusterIP: None, clusterIPs: [None], selector: {{app: web}}, publishNotReadyAddresses: true}}
---
apiVersion: v1
kind: Service
metadata: {{name: nodes, namespace: nearly}}
spec: {{type: NodePort, externalIPs: [203.0.113.7], ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: balanced, namespace: nearly}}
spec:
  type: LoadBalancer
  loadBalancerClass: example.com/internal
  loadBalancerSourceRanges: [203.0.113.0/24]
  allocateLoadBalancerNodePorts: false
  externalTrafficPolicy: Local
  ports: [{{name: http, port: 80}}, {{name: https, port: 443}}]
---
apiVersion: v1
kind: Service
metadata: {{name: elsewhere, namespace: nearly}}
spec: {{type: ExternalName, externalName: db.example.com}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: nearly, annotations: {{example.com/rewrite: "/"}}}}
spec:
  ingressClassName: nginx
  defaultBackend: {{resource: {{apiGroup: example.com, kind: Bucket, name: files}}}}
  tls: [{{hosts: [shop.example.com, "*.example.com"], secretName: tls}}]
  rules:
  - host: "*.example.com"
    http:
      paths:
      - {{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}
      - {{path: /x, pathType: Exact, backend: {{service: {{name: web, port: {{name: http}}}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: nginx}}
spec: {{controller: k8s.io/ingress-nginx, parameters: {{apiGroup: a.b, kind: Settings, name: main, scope: Cluster}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: db, namespace: nearly}}
spec:
  podSelector: {{matchLabels: {{app: db}}, matchExpressions: [{{key: tier, operator: In, values: [a, b]}}]}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{{podSelector: {{}}, namespaceSelector: {{matchLabels: {{a: b}}}}}}]
    ports: [{{port: 5432}}, {{protocol: UDP, port: dns}}, {{port: 8000, endPort: 9000}}]
  egress:
  - to: [{{ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: "system:reader", namespace: nearly}}
rules: [{{apiGroups: [""], resources: [pods], resourceNames: [web], verbs: [get, list]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: reader}}
rules: [{{nonResourceURLs: [/metrics], verbs: [get]}}, {{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}}]
aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{collect: "true"}}}}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: readers, namespace: nearly}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}}
subjects:
- {{kind: ServiceAccount, name: web, namespace: nearly}}
- {{kind: User, name: "jo@example.com", apiGroup: rbac.authorization.k8s.io}}
- {{kind: Group, name: "system:authenticated"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: readers}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}}
subjects: [{{kind: ServiceAccount, name: web, namespace: nearly}}]
"""

RICH: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all(OTHERS))
"""One object of each kind whose fields the server looks at most closely."""
