"""Services and the objects that route traffic to them from outside."""

from __future__ import annotations

from msgspec import Struct, field

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, Place


class ServicePort(Struct, frozen=True, gc=False, rename="camel"):
    """A port of a service and the pod port that it leads to (``v1.ServicePort``)."""

    port: int = 0
    name: str = ""
    protocol: str = "TCP"
    target_port: int | str | None = None
    node_port: int = 0


class ServiceSpec(Struct, frozen=True, gc=False, rename="camel"):
    """What a service selects and how it is exposed."""

    type: str = "ClusterIP"
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    cluster_ip: str = field(name="clusterIP", default="")
    cluster_ips: tuple[str, ...] = field(name="clusterIPs", default=())
    external_ips: tuple[str, ...] = field(name="externalIPs", default=())
    external_traffic_policy: str = ""
    ip_families: tuple[str, ...] = ()
    load_balancer_source_ranges: tuple[str, ...] = ()
    allocate_load_balancer_node_ports: bool | None = None


class LoadBalancerIngress(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """One address of a load balancer (``v1.LoadBalancerIngress``); with a host name it has no `ip`."""

    ip: str = ""
    ip_mode: str = field(name="ipMode", default="VIP")


class LoadBalancerStatus(Struct, frozen=True, gc=False, omit_defaults=True):
    """The addresses of a load balancer."""

    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """The observed part of a service."""

    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Service(Struct, frozen=True, gc=False, rename="camel"):
    """A service (``v1.Service``)."""

    metadata: ObjectMeta = ObjectMeta()
    spec: ServiceSpec = ServiceSpec()
    place: Place = NOWHERE
    status: ServiceStatus = ServiceStatus()

    @property
    def cluster_addresses(self) -> tuple[str, ...]:
        """The addresses that it has inside the cluster."""
        found = dict.fromkeys((self.spec.cluster_ip, *self.spec.cluster_ips))
        return tuple(each for each in found if each not in {"", "None"})

    @property
    def addresses(self) -> tuple[str, ...]:
        """
        All addresses at which a node takes its `ports` for its own and passes connections on to its pods.

        Those of a load balancer are not among them where it asks for all connections itself (``ipMode: Proxy``).
        """
        balanced = (each.ip for each in self.status.load_balancer.ingress if each.ip and each.ip_mode != "Proxy")
        return (*self.cluster_addresses, *self.spec.external_ips, *balanced)


class EndpointPort(Struct, frozen=True, gc=False, rename="camel"):
    """A port on which all endpoints of a slice serve (``discovery.v1.EndpointPort``)."""

    port: int | None = None
    name: str = ""
    protocol: str = "TCP"


class EndpointConditions(Struct, frozen=True, gc=False, rename="camel"):
    """The state of a backend (``discovery.v1.EndpointConditions``); what is not set is not known."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Struct, frozen=True, gc=False, rename="camel"):
    """One backend of a service (``discovery.v1.Endpoint``)."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()

    @property
    def takes_traffic(self) -> bool:
        """Whether connections to the service may arrive here: it is ready, or still serves while it terminates."""
        conditions = self.conditions
        if conditions.ready is not False:
            return True
        return conditions.serving is True and conditions.terminating is True


class EndpointSlice(Struct, frozen=True, gc=False, rename="camel"):
    """Backends of a service (``discovery.v1.EndpointSlice``)."""

    metadata: ObjectMeta = ObjectMeta()
    address_type: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()
    place: Place = NOWHERE

    @property
    def service(self) -> str:
        """The name of the service in the slice's namespace; empty where it belongs to none."""
        return self.metadata.labels.get("kubernetes.io/service-name", "")


class IngressRoute(Struct, frozen=True, gc=False):
    """
    The API kind Ingress (``networking.k8s.io/v1``), under a name that is not the direction's.

    `backends` are ``(service name, service port name or number)``, `default_backend` the one
    of them that serves what no rule matches. `has_tls_for_all` says that some entry of
    ``tls`` names no hosts, and so is for those of the controller's certificate.
    """

    metadata: ObjectMeta
    class_name: str = ""
    hosts: tuple[str, ...] = ()
    tls_hosts: tuple[str, ...] = ()
    backends: tuple[tuple[str, str], ...] = ()
    place: Place = NOWHERE
    default_backend: tuple[str, str] | None = None
    has_tls_for_all: bool = False


class GatewayRoute(Struct, frozen=True, gc=False):
    """
    A route of the Gateway API, or an OpenShift Route.

    `backends` are ``(namespace, service name, port)``; `parents` the gateways it is
    attached to as ``namespace/name``, `sections` for each of them the listener's name and
    port that it asks for (empty and 0 for any). `others` are the backends that are no
    Services; `tls` says that an OpenShift Route is for TLS.
    """

    kind: str
    metadata: ObjectMeta
    parents: tuple[str, ...] = ()
    hostnames: tuple[str, ...] = ()
    backends: tuple[tuple[str, str, str], ...] = ()
    place: Place = NOWHERE
    sections: tuple[tuple[str, int], ...] = ()
    others: tuple[str, ...] = ()
    tls: bool = False
