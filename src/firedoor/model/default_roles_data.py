"""
The roles that API servers make at start, of Kubernetes 1.20 to 1.37.

Written by `tools/record_default_roles.py` from the sources of each release; what a feature gate that is off
by default adds is left out.

A line at the margin is a role: its kind, its name (with its namespace, if any), and the labels for or by which
rules are aggregated. An indented line is a rule: the minor releases that have it, and what it holds.
"""

from __future__ import annotations

OLDEST = 20
NEWEST = 37

ROLES = """\
ClusterRole admin selects=rbac.authorization.k8s.io/aggregate-to-admin
ClusterRole cluster-admin
  20-37 verbs=* groups=* resources=*
  20-37 verbs=* urls=*
ClusterRole edit label=rbac.authorization.k8s.io/aggregate-to-admin selects=rbac.authorization.k8s.io/aggregate-to-edit
ClusterRole system:aggregate-to-admin label=rbac.authorization.k8s.io/aggregate-to-admin
  20-37 verbs=create groups=authorization.k8s.io resources=localsubjectaccessreviews
  20-37 verbs=create,delete,deletecollection,get,list,patch,update,watch groups=rbac.authorization.k8s.io resources=rol\
ebindings,roles
ClusterRole system:aggregate-to-edit label=rbac.authorization.k8s.io/aggregate-to-edit
  20-37 verbs=get,list,watch groups= resources=pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy
  20-37 verbs=impersonate groups= resources=serviceaccounts
  20-37 verbs=create,delete,deletecollection,patch,update groups= resources=pods,pods/attach,pods/exec,pods/portforward\
,pods/proxy
  24-37 verbs=create groups= resources=pods/eviction
  35-37 verbs=create,delete,deletecollection,patch,update groups= resources=configmaps,persistentvolumeclaims,replicati\
oncontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy
  22-34 verbs=create,delete,deletecollection,patch,update groups= resources=configmaps,events,persistentvolumeclaims,re\
plicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy
  24-37 verbs=create groups= resources=serviceaccounts/token
  35-37 verbs=create,delete,deletecollection,patch,update groups=,events.k8s.io resources=events
  20-21 verbs=create,delete,deletecollection,patch,update groups= resources=configmaps,endpoints,persistentvolumeclaims\
,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy
  20-37 verbs=create,delete,deletecollection,patch,update groups=apps resources=daemonsets,deployments,deployments/roll\
back,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale
  20-37 verbs=create,delete,deletecollection,patch,update groups=autoscaling resources=horizontalpodautoscalers
  20-37 verbs=create,delete,deletecollection,patch,update groups=batch resources=cronjobs,jobs
  20-37 verbs=create,delete,deletecollection,patch,update groups=extensions resources=daemonsets,deployments,deployment\
s/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale
  20-37 verbs=create,delete,deletecollection,patch,update groups=policy resources=poddisruptionbudgets
  20-37 verbs=create,delete,deletecollection,patch,update groups=networking.k8s.io resources=ingresses,networkpolicies
  25-37 verbs=create,delete,deletecollection,get,list,patch,update,watch groups=coordination.k8s.io resources=leases
  34-37 verbs=create,delete,deletecollection,patch,update groups=resource.k8s.io resources=resourceclaims,resourceclaim\
templates
ClusterRole system:aggregate-to-view label=rbac.authorization.k8s.io/aggregate-to-view
  20-37 verbs=get,list,watch groups= resources=configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/statu\
s,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status
  35-37 verbs=get,list,watch groups= resources=bindings,limitranges,namespaces/status,pods/log,pods/status,replicationc\
ontrollers/status,resourcequotas,resourcequotas/status
  20-34 verbs=get,list,watch groups= resources=bindings,events,limitranges,namespaces/status,pods/log,pods/status,repli\
cationcontrollers/status,resourcequotas,resourcequotas/status
  20-37 verbs=get,list,watch groups= resources=namespaces
  35-37 verbs=get,list,watch groups=,events.k8s.io resources=events
  22-37 verbs=get,list,watch groups=discovery.k8s.io resources=endpointslices
  20-37 verbs=get,list,watch groups=apps resources=controllerrevisions,daemonsets,daemonsets/status,deployments,deploym\
ents/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,stateful\
sets/status
  20-37 verbs=get,list,watch groups=autoscaling resources=horizontalpodautoscalers,horizontalpodautoscalers/status
  20-37 verbs=get,list,watch groups=batch resources=cronjobs,cronjobs/status,jobs,jobs/status
  20-37 verbs=get,list,watch groups=extensions resources=daemonsets,daemonsets/status,deployments,deployments/scale,dep\
loyments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replication\
controllers/scale
  20-37 verbs=get,list,watch groups=policy resources=poddisruptionbudgets,poddisruptionbudgets/status
  20-37 verbs=get,list,watch groups=networking.k8s.io resources=ingresses,ingresses/status,networkpolicies
  34-37 verbs=get,list,watch groups=resource.k8s.io resources=resourceclaims,resourceclaims/status,resourceclaimtemplat\
es
ClusterRole system:auth-delegator
  20-37 verbs=create groups=authentication.k8s.io resources=tokenreviews
  20-37 verbs=create groups=authorization.k8s.io resources=subjectaccessreviews
ClusterRole system:basic-user
  20-37 verbs=create groups=authorization.k8s.io resources=selfsubjectaccessreviews,selfsubjectrulesreviews
  27-37 verbs=create groups=authentication.k8s.io resources=selfsubjectreviews
ClusterRole system:certificates.k8s.io:certificatesigningrequests:nodeclient
  20-37 verbs=create groups=certificates.k8s.io resources=certificatesigningrequests/nodeclient
ClusterRole system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  20-37 verbs=create groups=certificates.k8s.io resources=certificatesigningrequests/selfnodeclient
ClusterRole system:certificates.k8s.io:kube-apiserver-client-approver
  20-37 verbs=approve groups=certificates.k8s.io resources=signers names=kubernetes.io/kube-apiserver-client
ClusterRole system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  20-37 verbs=approve groups=certificates.k8s.io resources=signers names=kubernetes.io/kube-apiserver-client-kubelet
ClusterRole system:certificates.k8s.io:kubelet-serving-approver
  20-37 verbs=approve groups=certificates.k8s.io resources=signers names=kubernetes.io/kubelet-serving
ClusterRole system:certificates.k8s.io:legacy-unknown-approver
  20-37 verbs=approve groups=certificates.k8s.io resources=signers names=kubernetes.io/legacy-unknown
ClusterRole system:cluster-trust-bundle-discovery
  37-37 verbs=get,list,watch groups=certificates.k8s.io resources=clustertrustbundles
ClusterRole system:controller:attachdetach-controller
  20-37 verbs=list,watch groups= resources=persistentvolumeclaims,persistentvolumes
  20-37 verbs=get,list,watch groups= resources=nodes
  20-37 verbs=patch,update groups= resources=nodes/status
  20-37 verbs=list,watch groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  20-37 verbs=create,delete,get,list,watch groups=storage.k8s.io resources=volumeattachments
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=csidrivers
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=csinodes
ClusterRole system:controller:certificate-controller
  20-37 verbs=delete,get,list,watch groups=certificates.k8s.io resources=certificatesigningrequests
  20-37 verbs=update groups=certificates.k8s.io resources=certificatesigningrequests/approval,certificatesigningrequest\
s/status
  20-37 verbs=approve groups=certificates.k8s.io resources=signers names=kubernetes.io/kube-apiserver-client-kubelet
  20-37 verbs=sign groups=certificates.k8s.io resources=signers names=kubernetes.io/kube-apiserver-client,kubernetes.io\
/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown
  20-37 verbs=create groups=authorization.k8s.io resources=subjectaccessreviews
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:clusterrole-aggregation-controller
  20-37 verbs=escalate,get,list,patch,update,watch groups=rbac.authorization.k8s.io resources=clusterroles
ClusterRole system:controller:cronjob-controller
  20-37 verbs=get,list,update,watch groups=batch resources=cronjobs
  20-37 verbs=create,delete,get,list,patch,update,watch groups=batch resources=jobs
  20-37 verbs=update groups=batch resources=cronjobs/status
  20-37 verbs=update groups=batch resources=cronjobs/finalizers
  33-37 verbs=delete,list,watch groups= resources=pods
  20-32 verbs=delete,list groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:daemon-set-controller
  20-37 verbs=get,list,watch groups=apps,extensions resources=daemonsets
  20-37 verbs=update groups=apps,extensions resources=daemonsets/status
  20-37 verbs=update groups=apps,extensions resources=daemonsets/finalizers
  20-37 verbs=list,watch groups= resources=nodes
  20-37 verbs=create,delete,list,patch,watch groups= resources=pods
  20-37 verbs=create groups= resources=pods/binding
  20-37 verbs=create,delete,get,list,patch,update,watch groups=apps resources=controllerrevisions
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:deployment-controller
  20-37 verbs=get,list,update,watch groups=apps,extensions resources=deployments
  20-37 verbs=update groups=apps,extensions resources=deployments/status
  20-37 verbs=update groups=apps,extensions resources=deployments/finalizers
  20-37 verbs=create,delete,get,list,patch,update,watch groups=apps,extensions resources=replicasets
  20-37 verbs=get,list,update,watch groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:device-taint-eviction-controller
  36-37 verbs=delete,get,list,watch groups= resources=pods
  36-37 verbs=patch,update groups= resources=pods/status
  36-37 verbs=get,list,watch groups=resource.k8s.io resources=resourceclaims
  36-37 verbs=get,list,watch groups=resource.k8s.io resources=resourceslices
  36-37 verbs=get,list,watch groups=resource.k8s.io resources=deviceclasses
  36-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  37-37 verbs=patch,update groups=resource.k8s.io resources=devicetaintrules/status
  37-37 verbs=get,list,watch groups=resource.k8s.io resources=devicetaintrules
ClusterRole system:controller:disruption-controller
  20-37 verbs=get,list,watch groups=apps,extensions resources=deployments
  20-37 verbs=get,list,watch groups=apps,extensions resources=replicasets
  20-37 verbs=get,list,watch groups= resources=replicationcontrollers
  20-37 verbs=get,list,watch groups=policy resources=poddisruptionbudgets
  20-37 verbs=get,list,watch groups=apps resources=statefulsets
  20-37 verbs=update groups=policy resources=poddisruptionbudgets/status
  20-30 verbs=get groups=* resources=*/scale
  20-30 verbs=create,patch,update groups=,events.k8s.io resources=events
  29-37 verbs=patch,update groups= resources=pods/status
  31-37 verbs=get groups=* resources=*/scale
  31-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  26-28 verbs=patch groups= resources=pods/status
ClusterRole system:controller:endpoint-controller
  20-37 verbs=get,list,watch groups= resources=pods,services
  33-37 verbs=create,delete,get,list,update,watch groups= resources=endpoints
  20-32 verbs=create,delete,get,list,update groups= resources=endpoints
  20-37 verbs=create groups= resources=endpoints/restricted
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:endpointslice-controller
  20-37 verbs=get,list,watch groups= resources=nodes,pods,services
  20-37 verbs=update groups= resources=services/finalizers
  33-37 verbs=create,delete,get,list,update,watch groups=discovery.k8s.io resources=endpointslices
  20-32 verbs=create,delete,get,list,update groups=discovery.k8s.io resources=endpointslices
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:endpointslicemirroring-controller
  20-37 verbs=get,list,watch groups= resources=endpoints,services
  20-37 verbs=update groups= resources=services/finalizers
  20-37 verbs=update groups= resources=endpoints/finalizers
  33-37 verbs=create,delete,get,list,update,watch groups=discovery.k8s.io resources=endpointslices
  20-32 verbs=create,delete,get,list,update groups=discovery.k8s.io resources=endpointslices
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:ephemeral-volume-controller
  21-37 verbs=get,list,watch groups= resources=pods
  22-37 verbs=update groups= resources=pods/finalizers
  21-37 verbs=create,get,list,watch groups= resources=persistentvolumeclaims
  21-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:expand-controller
  20-37 verbs=get,list,patch,update,watch groups= resources=persistentvolumes
  20-37 verbs=patch,update groups= resources=persistentvolumeclaims/status
  20-37 verbs=get,list,watch groups= resources=persistentvolumeclaims
  20-31 verbs=get,list,watch groups=storage.k8s.io resources=storageclasses
  20-31 verbs=get groups= resources=endpoints,services
  20-31 verbs=get groups= resources=secrets
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  32-35 verbs=get groups= resources=services
ClusterRole system:controller:generic-garbage-collector
  20-37 verbs=delete,get,list,patch,update,watch groups=* resources=*
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:horizontal-pod-autoscaler
  20-37 verbs=get,list,watch groups=autoscaling resources=horizontalpodautoscalers
  20-37 verbs=update groups=autoscaling resources=horizontalpodautoscalers/status
  20-37 verbs=get,update groups=* resources=*/scale
  33-37 verbs=list,watch groups= resources=pods
  33-37 verbs=list,watch groups=metrics.k8s.io resources=pods
  33-37 verbs=get,list,watch groups=custom.metrics.k8s.io resources=*
  33-37 verbs=get,list,watch groups=external.metrics.k8s.io resources=*
  20-32 verbs=list groups= resources=pods
  20-26 verbs=get groups= resources=services/proxy names=http:heapster:,https:heapster:
  20-32 verbs=list groups=metrics.k8s.io resources=pods
  20-32 verbs=get,list groups=custom.metrics.k8s.io resources=*
  24-32 verbs=get,list groups=external.metrics.k8s.io resources=*
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:job-controller
  22-37 verbs=get,list,patch,update,watch groups=batch resources=jobs
  20-21 verbs=get,list,update,watch groups=batch resources=jobs
  20-37 verbs=update groups=batch resources=jobs/status
  20-37 verbs=update groups=batch resources=jobs/finalizers
  20-37 verbs=create,delete,list,patch,watch groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:kube-apiserver-serving-clustertrustbundle-publisher
  37-37 verbs=attest groups=certificates.k8s.io resources=signers names=kubernetes.io/kube-apiserver-serving
  37-37 verbs=create,delete,list,update,watch groups=certificates.k8s.io resources=clustertrustbundles
  37-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:legacy-service-account-token-cleaner
  29-37 verbs=get groups= resources=configmaps names=kube-apiserver-legacy-service-account-token-tracking
  29-37 verbs=delete,patch groups= resources=secrets
ClusterRole system:controller:namespace-controller
  20-37 verbs=delete,get,list,watch groups= resources=namespaces
  20-37 verbs=update groups= resources=namespaces/finalize,namespaces/status
  33-37 verbs=delete,deletecollection,get,list,watch groups=* resources=*
  20-32 verbs=delete,deletecollection,get,list groups=* resources=*
ClusterRole system:controller:node-controller
  33-37 verbs=delete,get,list,patch,update,watch groups= resources=nodes
  20-32 verbs=delete,get,list,patch,update groups= resources=nodes
  20-37 verbs=patch,update groups= resources=nodes/status
  26-37 verbs=patch,update groups= resources=pods/status
  33-37 verbs=delete,get,list,watch groups= resources=pods
  37-37 verbs=get,list,watch groups=coordination.k8s.io resources=leases
  31-32 verbs=delete,get,list groups= resources=pods
  20-25 verbs=update groups= resources=pods/status
  20-30 verbs=delete,list groups= resources=pods
  25-29 verbs=create,get,list,update groups=networking.k8s.io resources=clustercidrs
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  26-30 verbs=get groups= resources=pods
ClusterRole system:controller:persistent-volume-binder
  20-37 verbs=create,delete,get,list,update,watch groups= resources=persistentvolumes
  20-37 verbs=update groups= resources=persistentvolumes/status
  20-37 verbs=get,list,update,watch groups= resources=persistentvolumeclaims
  20-37 verbs=update groups= resources=persistentvolumeclaims/status
  20-37 verbs=create,delete,get,list,watch groups= resources=pods
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=storageclasses
  32-37 verbs=list,watch groups= resources=nodes
  20-31 verbs=create,delete,get,update groups= resources=endpoints
  20-31 verbs=create,delete,get groups= resources=services
  20-31 verbs=get groups= resources=secrets
  20-31 verbs=get,list groups= resources=nodes
  20-31 verbs=watch groups= resources=events
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  32-37 verbs=watch groups= resources=events
  32-35 verbs=get groups= resources=services
ClusterRole system:controller:pod-garbage-collector
  20-37 verbs=delete,list,watch groups= resources=pods
  33-37 verbs=get,list,watch groups= resources=nodes
  20-32 verbs=get,list groups= resources=nodes
  26-37 verbs=patch groups= resources=pods/status
ClusterRole system:controller:podcertificaterequestcleaner
  37-37 verbs=delete,get,list,watch groups=certificates.k8s.io resources=podcertificaterequests
ClusterRole system:controller:pv-protection-controller
  20-37 verbs=get,list,update,watch groups= resources=persistentvolumes
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:pvc-protection-controller
  20-37 verbs=get,list,update,watch groups= resources=persistentvolumeclaims
  36-37 verbs=update groups= resources=persistentvolumeclaims/status
  20-37 verbs=get,list,watch groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:replicaset-controller
  20-37 verbs=get,list,update,watch groups=apps,extensions resources=replicasets
  20-37 verbs=update groups=apps,extensions resources=replicasets/status
  20-37 verbs=update groups=apps,extensions resources=replicasets/finalizers
  20-37 verbs=create,delete,list,patch,watch groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:replication-controller
  20-37 verbs=get,list,update,watch groups= resources=replicationcontrollers
  20-37 verbs=update groups= resources=replicationcontrollers/status
  20-37 verbs=update groups= resources=replicationcontrollers/finalizers
  20-37 verbs=create,delete,list,patch,watch groups= resources=pods
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:resource-claim-controller
  34-37 verbs=get,list,watch groups= resources=pods
  34-37 verbs=update groups= resources=pods/finalizers
  34-37 verbs=create,delete,get,list,watch groups=resource.k8s.io resources=resourceclaims
  34-37 verbs=patch,update groups=resource.k8s.io resources=resourceclaims,resourceclaims/status
  34-37 verbs=patch,update groups= resources=pods/status
  34-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  36-37 verbs=patch,update groups=resource.k8s.io resources=resourceclaims/binding
ClusterRole system:controller:resourcequota-controller
  20-37 verbs=list,watch groups=* resources=*
  20-37 verbs=update groups= resources=resourcequotas/status
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:root-ca-cert-publisher
  20-37 verbs=create,update groups= resources=configmaps
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:route-controller
  20-37 verbs=list,watch groups= resources=nodes
  20-37 verbs=patch groups= resources=nodes/status
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:selinux-warning-controller
  33-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  33-37 verbs=get,list,watch groups= resources=persistentvolumes
  33-37 verbs=get,list,watch groups= resources=persistentvolumeclaims
  33-37 verbs=get,list,watch groups= resources=pods
  33-37 verbs=get,list,watch groups=storage.k8s.io resources=csidrivers
ClusterRole system:controller:service-account-controller
  20-37 verbs=create groups= resources=serviceaccounts
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:service-cidrs-controller
  33-37 verbs=get,list,patch,update,watch groups=networking.k8s.io resources=servicecidrs
  33-37 verbs=patch,update groups=networking.k8s.io resources=servicecidrs/finalizers
  33-37 verbs=patch,update groups=networking.k8s.io resources=servicecidrs/status
  33-37 verbs=get,list,watch groups=networking.k8s.io resources=ipaddresses
  33-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:service-controller
  20-37 verbs=get,list,watch groups= resources=services
  20-37 verbs=patch,update groups= resources=services/status
  20-37 verbs=list,watch groups= resources=nodes
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:statefulset-controller
  20-37 verbs=list,watch groups= resources=pods
  20-37 verbs=get,list,watch groups=apps resources=statefulsets
  20-37 verbs=update groups=apps resources=statefulsets/status
  20-37 verbs=update groups=apps resources=statefulsets/finalizers
  20-37 verbs=create,delete,get,patch,update groups= resources=pods
  20-37 verbs=create,delete,get,list,patch,update,watch groups=apps resources=controllerrevisions
  32-37 verbs=create,get,list,watch groups= resources=persistentvolumeclaims
  20-31 verbs=create,get groups= resources=persistentvolumeclaims
  20-34 verbs=create,patch,update groups=,events.k8s.io resources=events
  27-37 verbs=delete,update groups= resources=persistentvolumeclaims
  32-37 verbs=update groups= resources=pods/finalizers
  35-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:storage-version-migrator-controller
  37-37 verbs=list,patch groups=* resources=*
  37-37 verbs=get groups=apiextensions.k8s.io resources=customresourcedefinitions
  37-37 verbs=patch groups=apiextensions.k8s.io resources=customresourcedefinitions/status
  37-37 verbs=update groups=storagemigration.k8s.io resources=storageversionmigrations/status
ClusterRole system:controller:ttl-after-finished-controller
  21-37 verbs=delete,get,list,watch groups=batch resources=jobs
  21-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:ttl-controller
  20-37 verbs=list,patch,update,watch groups= resources=nodes
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:validatingadmissionpolicy-status-controller
  30-37 verbs=get,list,watch groups=admissionregistration.k8s.io resources=validatingadmissionpolicies
  30-37 verbs=get,patch,update groups=admissionregistration.k8s.io resources=validatingadmissionpolicies/status
  30-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:controller:volumeattributesclass-protection-controller
  34-37 verbs=get,list,watch groups= resources=persistentvolumeclaims
  34-37 verbs=get,list,watch groups= resources=persistentvolumes
  34-37 verbs=get,list,update,watch groups=storage.k8s.io resources=volumeattributesclasses
  34-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:discovery
  20-37 verbs=get urls=/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/
ClusterRole system:heapster
  20-37 verbs=get,list,watch groups= resources=events,namespaces,nodes,pods
  20-37 verbs=get,list,watch groups=extensions resources=deployments
ClusterRole system:kube-aggregator
  20-37 verbs=get,list,watch groups= resources=endpoints,services
ClusterRole system:kube-controller-manager
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  20-37 verbs=create groups=coordination.k8s.io resources=leases
  20-37 verbs=get,update groups=coordination.k8s.io resources=leases names=kube-controller-manager
  20-27 verbs=create groups= resources=endpoints
  20-27 verbs=get,update groups= resources=endpoints names=kube-controller-manager
  20-37 verbs=create groups= resources=secrets,serviceaccounts
  20-37 verbs=delete groups= resources=secrets
  20-37 verbs=get groups= resources=configmaps,namespaces,secrets,serviceaccounts
  20-37 verbs=update groups= resources=secrets,serviceaccounts
  20-37 verbs=create groups=authentication.k8s.io resources=tokenreviews
  20-37 verbs=create groups=authorization.k8s.io resources=subjectaccessreviews
  20-37 verbs=list,watch groups=* resources=*
  20-37 verbs=create groups= resources=serviceaccounts/token
ClusterRole system:kube-dns
  20-37 verbs=list,watch groups= resources=endpoints,services
ClusterRole system:kube-scheduler
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  20-37 verbs=create groups=coordination.k8s.io resources=leases
  31-37 verbs=get,list,update,watch groups=coordination.k8s.io resources=leases names=kube-scheduler
  31-37 verbs=create,delete,deletecollection,get,list,patch,update,watch groups=coordination.k8s.io resources=leasecand\
idates
  20-30 verbs=get,update groups=coordination.k8s.io resources=leases names=kube-scheduler
  20-27 verbs=create groups= resources=endpoints
  20-27 verbs=get,update groups= resources=endpoints names=kube-scheduler
  20-37 verbs=get,list,watch groups= resources=nodes
  20-37 verbs=delete,get,list,watch groups= resources=pods
  20-37 verbs=create groups= resources=bindings,pods/binding
  20-37 verbs=patch,update groups= resources=pods/status
  20-37 verbs=get,list,watch groups= resources=replicationcontrollers,services
  20-37 verbs=get,list,watch groups=apps,extensions resources=replicasets
  20-37 verbs=get,list,watch groups=apps resources=statefulsets
  20-37 verbs=get,list,watch groups=policy resources=poddisruptionbudgets
  20-37 verbs=get,list,watch groups= resources=persistentvolumeclaims,persistentvolumes
  20-37 verbs=create groups=authentication.k8s.io resources=tokenreviews
  20-37 verbs=create groups=authorization.k8s.io resources=subjectaccessreviews
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=csinodes
  32-37 verbs=get,list,watch groups=storage.k8s.io resources=volumeattachments
  21-37 verbs=get,list,watch groups= resources=namespaces
  21-37 verbs=get,list,watch groups=storage.k8s.io resources=csidrivers
  21-37 verbs=get,list,watch groups=storage.k8s.io resources=csistoragecapacities
  34-37 verbs=get,list,watch groups=resource.k8s.io resources=deviceclasses
  34-37 verbs=get,list,patch,update,watch groups=resource.k8s.io resources=resourceclaims
  34-37 verbs=get,list,patch,update,watch groups=resource.k8s.io resources=resourceclaims/status
  34-37 verbs=update groups= resources=pods/finalizers
  34-37 verbs=get,list,watch groups=resource.k8s.io resources=resourceslices
  36-37 verbs=create,delete groups=resource.k8s.io resources=resourceclaims
  37-37 verbs=get,list,watch groups=resource.k8s.io resources=devicetaintrules
  36-37 verbs=patch,update groups=resource.k8s.io resources=resourceclaims/binding
ClusterRole system:kubelet-api-admin
  20-37 verbs=get,list,watch groups= resources=nodes
  20-37 verbs=proxy groups= resources=nodes
  27-37 verbs=* groups= resources=nodes/log,nodes/metrics,nodes/proxy,nodes/stats
  33-37 verbs=* groups= resources=nodes/configz,nodes/healthz,nodes/pods
  20-26 verbs=* groups= resources=nodes/log,nodes/metrics,nodes/proxy,nodes/spec,nodes/stats
ClusterRole system:monitoring
  36-37 verbs=get urls=/flagz,/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*,/statusz
  26-35 verbs=get urls=/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*
  34-37 verbs=get groups= resources=nodes/metrics
  20-25 verbs=get urls=/healthz,/healthz/*,/livez,/livez/*,/metrics,/readyz,/readyz/*
ClusterRole system:node
  20-37 verbs=create groups=authentication.k8s.io resources=tokenreviews
  20-37 verbs=create groups=authorization.k8s.io resources=localsubjectaccessreviews,subjectaccessreviews
  20-37 verbs=get,list,watch groups= resources=services
  20-37 verbs=create,get,list,watch groups= resources=nodes
  20-37 verbs=patch,update groups= resources=nodes/status
  20-37 verbs=patch,update groups= resources=nodes
  35-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  20-34 verbs=create,patch,update groups= resources=events
  20-37 verbs=get,list,watch groups= resources=pods
  20-37 verbs=create,delete groups= resources=pods
  20-37 verbs=patch,update groups= resources=pods/status
  20-37 verbs=create groups= resources=pods/eviction
  20-37 verbs=get,list,watch groups= resources=configmaps,secrets
  20-37 verbs=get groups= resources=persistentvolumeclaims,persistentvolumes
  20-37 verbs=get groups= resources=endpoints
  20-37 verbs=create,get,list,watch groups=certificates.k8s.io resources=certificatesigningrequests
  20-37 verbs=create,delete,get,patch,update groups=coordination.k8s.io resources=leases
  20-37 verbs=get groups=storage.k8s.io resources=volumeattachments
  20-37 verbs=create groups= resources=serviceaccounts/token
  20-37 verbs=get,patch,update groups= resources=persistentvolumeclaims/status
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=csidrivers
  20-37 verbs=create,delete,get,patch,update groups=storage.k8s.io resources=csinodes
  20-37 verbs=get,list,watch groups=node.k8s.io resources=runtimeclasses
  34-37 verbs=get groups=resource.k8s.io resources=resourceclaims
  34-37 verbs=deletecollection groups=resource.k8s.io resources=resourceslices
  37-37 verbs=get,list,watch groups=certificates.k8s.io resources=clustertrustbundles
  34-37 verbs=get groups= resources=serviceaccounts
  37-37 verbs=create,get,list,watch groups=certificates.k8s.io resources=podcertificaterequests
ClusterRole system:node-bootstrapper
  20-37 verbs=create,get,list,watch groups=certificates.k8s.io resources=certificatesigningrequests
ClusterRole system:node-problem-detector
  20-37 verbs=get groups= resources=nodes
  20-37 verbs=patch groups= resources=nodes/status
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:node-proxier
  20-37 verbs=list,watch groups= resources=endpoints,services
  20-37 verbs=get,list,watch groups= resources=nodes
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
  33-37 verbs=list,watch groups=networking.k8s.io resources=servicecidrs
  20-37 verbs=list,watch groups=discovery.k8s.io resources=endpointslices
ClusterRole system:persistent-volume-provisioner
  20-37 verbs=create,delete,get,list,watch groups= resources=persistentvolumes
  20-37 verbs=get,list,update,watch groups= resources=persistentvolumeclaims
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=storageclasses
  20-37 verbs=watch groups= resources=events
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
ClusterRole system:public-info-viewer
  20-37 verbs=get urls=/healthz,/livez,/readyz,/version,/version/
ClusterRole system:service-account-issuer-discovery
  28-37 verbs=get urls=/.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/\
jwks/
  20-27 verbs=get urls=/.well-known/openid-configuration,/openid/v1/jwks
ClusterRole system:volume-scheduler
  20-37 verbs=get,list,patch,update,watch groups= resources=persistentvolumes
  20-37 verbs=get,list,watch groups=storage.k8s.io resources=storageclasses
  20-37 verbs=get,list,patch,update,watch groups= resources=persistentvolumeclaims
ClusterRole view label=rbac.authorization.k8s.io/aggregate-to-edit selects=rbac.authorization.k8s.io/aggregate-to-view
Role kube-public/system:controller:bootstrap-signer
  20-37 verbs=get,list,watch groups= resources=configmaps
  20-37 verbs=update groups= resources=configmaps names=cluster-info
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
Role kube-system/extension-apiserver-authentication-reader
  20-37 verbs=get,list,watch groups= resources=configmaps names=extension-apiserver-authentication
Role kube-system/system::leader-locking-kube-controller-manager
  20-34 verbs=watch groups= resources=configmaps
  20-34 verbs=get,update groups= resources=configmaps names=kube-controller-manager
  31-37 verbs=create,get,list,update,watch groups=coordination.k8s.io resources=leases
  31-37 verbs=create,get,list,update,watch groups=coordination.k8s.io resources=leasecandidates
Role kube-system/system::leader-locking-kube-scheduler
  20-34 verbs=watch groups= resources=configmaps
  20-34 verbs=get,update groups= resources=configmaps names=kube-scheduler
  31-37 verbs=create,get,list,update,watch groups=coordination.k8s.io resources=leases
  31-37 verbs=create,get,list,update,watch groups=coordination.k8s.io resources=leasecandidates
Role kube-system/system:controller:bootstrap-signer
  20-37 verbs=get,list,watch groups= resources=secrets
Role kube-system/system:controller:cloud-provider
  20-37 verbs=create,get,list,watch groups= resources=configmaps
Role kube-system/system:controller:token-cleaner
  20-37 verbs=delete,get,list,watch groups= resources=secrets
  20-37 verbs=create,patch,update groups=,events.k8s.io resources=events
"""
