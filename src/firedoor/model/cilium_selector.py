"""Label selectors of Cilium, whose keys say where a label comes from, taken apart into what each of them is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.labels import EVERYTHING, LabelSelector, LabelSelectorRequirement

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE_LABEL = "io.kubernetes.pod.namespace"
"""The label of an endpoint with the name of its namespace."""

NAMESPACE_LABELS_PREFIX = "io.cilium.k8s.namespace.labels."
"""What precedes the key of a label of the namespace among the labels of an endpoint."""

SERVICE_ACCOUNT_LABEL = "io.cilium.k8s.policy.serviceaccount"
"""The label of an endpoint with the name of its service account."""

CLUSTER_LABEL = "io.cilium.k8s.policy.cluster"
"""The label of an endpoint with the name of its cluster."""

Requirements = tuple[LabelSelectorRequirement, ...]
_NO_LABELS: dict[str, str] = {}


class CiliumSelector(Struct, frozen=True, gc=False):
    """
    A selector of endpoints or nodes (``EndpointSelector``).

    All requirements must hold, those that Cilium adds among them. The keys in the
    tuples are bare: without the source (``k8s:``), and without what precedes the
    key of a label of the namespace.
    """

    written: LabelSelector = EVERYTHING
    """The selector with the keys as they are written."""
    namespace_names: Requirements = ()
    """About the name of the namespace, under the key `NAMESPACE_LABEL`."""
    namespace_labels: Requirements = ()
    """About the labels of the namespace."""
    labels: Requirements = ()
    """About the labels of the pod or node itself."""
    service_accounts: Requirements = ()
    """About the name of the service account, under the key `SERVICE_ACCOUNT_LABEL`."""
    clusters: Requirements = ()
    """About the name of the cluster, under the key `CLUSTER_LABEL`; the name is not known from the objects."""
    reserved: Requirements = ()
    """About what Cilium itself marks (``reserved:host``, ``reserved:remote-node``, ``reserved:init``, ...)."""
    others: Requirements = ()
    """About labels from a source that neither pods nor these nodes have, keys with their source."""

    def selects_pod(
        self, namespace: str, namespace_labels: Mapping[str, str], labels: Mapping[str, str], service_account: str
    ) -> bool:
        """Return whether a pod is selected, `clusters` aside. It has no label that is reserved or of another source."""
        return (
            all(each.matches({NAMESPACE_LABEL: namespace}) for each in self.namespace_names)
            and all(each.matches(namespace_labels) for each in self.namespace_labels)
            and all(each.matches(labels) for each in self.labels)
            and all(each.matches({SERVICE_ACCOUNT_LABEL: service_account}) for each in self.service_accounts)
            and all(each.matches(_NO_LABELS) for each in (*self.reserved, *self.others))
        )

    def selects_node(self, labels: Mapping[str, str], marks: Mapping[str, str]) -> bool:
        """Return whether a node is selected, `clusters` aside; `marks` are its reserved labels (``remote-node``)."""
        elsewhere = (*self.namespace_names, *self.namespace_labels, *self.service_accounts, *self.others)
        return (
            all(each.matches(labels) for each in self.labels)
            and all(each.matches(marks) for each in self.reserved)
            and all(each.matches(_NO_LABELS) for each in elsewhere)
        )

    def __str__(self) -> str:
        """Return the selector as it is written, in kubectl's syntax."""
        return str(self.written)
