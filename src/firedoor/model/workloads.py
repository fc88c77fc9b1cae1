"""Namespaces, nodes, pods, and the objects that make pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from firedoor.algebra.cidrs import is_address
from firedoor.model.calls import Call
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place
from firedoor.model.pod_security import PodOS, PodSecurityContext, SecurityContext
from firedoor.model.probes import Handler, Lifecycle
from firedoor.model.volumes import Variable, VariablesSource, Volume, VolumeFields, VolumeMount, volumes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FINISHED_PHASES = frozenset({"Succeeded", "Failed"})

_POD_PATHS = {"Pod": "", "CronJob": "spec.jobTemplate.spec.template."}


def pod_path(kind: str) -> str:
    """Return the path of the pod inside an object of a kind that is or makes pods, with a dot at its end."""
    return _POD_PATHS.get(kind, "spec.template.")


class Namespace(Struct, frozen=True, gc=False, rename="camel"):
    """A namespace (``v1.Namespace``)."""

    metadata: ObjectMeta = ObjectMeta()
    place: Place = NOWHERE


class NodeAddress(Struct, frozen=True, gc=False, rename="camel"):
    """One address of a node (``v1.NodeAddress``)."""

    type: str = ""
    address: str = ""


class NodeSystemInfo(Struct, frozen=True, gc=False, rename="camel"):
    """What a node runs (``v1.NodeSystemInfo``)."""

    kubelet_version: str = ""
    os_image: str = ""
    container_runtime_version: str = ""


class NodeStatus(Struct, frozen=True, gc=False, rename="camel"):
    """The observed part of a node."""

    addresses: tuple[NodeAddress, ...] = ()
    node_info: NodeSystemInfo = NodeSystemInfo()


class NodeSpec(Struct, frozen=True, gc=False, rename="camel"):
    """The pod address ranges of a node."""

    pod_cidr: str = field(name="podCIDR", default="")
    pod_cidrs: tuple[str, ...] = field(name="podCIDRs", default=())


class Node(Struct, frozen=True, gc=False, rename="camel"):
    """A node (``v1.Node``)."""

    metadata: ObjectMeta = ObjectMeta()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()
    place: Place = NOWHERE

    @property
    def addresses(self) -> tuple[str, ...]:
        """The IP addresses of the node, internal ones first."""
        return (*self.internal_addresses, *self._of_type("ExternalIP"))

    @property
    def internal_addresses(self) -> tuple[str, ...]:
        """The addresses that connections from the node itself carry inside the cluster (``InternalIP``)."""
        return self._of_type("InternalIP")

    def _of_type(self, wanted: str) -> tuple[str, ...]:
        """Return the addresses of a type; a text that is none is told of as a gap, and otherwise not there."""
        found = (each.address for each in self.status.addresses if each.type == wanted)
        return tuple(each for each in found if is_address(each))


class ContainerPort(Struct, frozen=True, gc=False, rename="camel"):
    """A declared port (``v1.ContainerPort``); informative only: undeclared ports are reachable all the same."""

    container_port: int = 0
    name: str = ""
    protocol: str = "TCP"
    host_port: int = 0
    host_ip: str = field(name="hostIP", default="")

    @property
    def is_on_loopback(self) -> bool:
        """Whether `host_port` is open on the loopback address of the node alone (``hostIP``)."""
        return self.host_ip == "::1" or self.host_ip.startswith("127.")


class Container(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """
    A container of a pod (``v1.Container``, ``v1.EphemeralContainer``).

    `command` and `args` are reduced by `reduce_launch`: nothing is left of them but the
    program of a control plane and some of its flags, in `args`. `calls` are the hosts that
    they and the variables name, `revealing` the names of variables and flags that hold a
    secret in plain text.
    """

    name: str = ""
    image: str = ""
    ports: tuple[ContainerPort, ...] = ()
    restart_policy: str = ""
    security_context: SecurityContext | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    env: tuple[Variable, ...] = ()
    env_from: tuple[VariablesSource, ...] = ()
    liveness_probe: Handler | None = None
    readiness_probe: Handler | None = None
    startup_probe: Handler | None = None
    lifecycle: Lifecycle | None = None
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    revealing: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def probed_ports(self) -> tuple[int, ...]:
        """The ports of the pod that probes ask, by number; those by name are declared."""
        probes = (self.liveness_probe, self.readiness_probe, self.startup_probe)
        targets = (each for probe in probes if probe for each in (probe.http_get, probe.tcp_socket, probe.grpc))
        return tuple(each.port for each in targets if each and not each.host and isinstance(each.port, int))

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The names of the Secrets that variables are filled from, sorted."""
        single = (each.value_from.secret_key_ref for each in self.env if each.value_from is not None)
        whole = (each.secret_ref for each in self.env_from)
        return tuple(sorted({each.name for each in (*single, *whole) if each is not None and each.name}))


class PodSpec(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """
    The part of a pod's specification that decides its place in the network, its identity and its hold on the node.

    `volume_fields` are the volumes as the API has them; `volumes` says what they are.
    """

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    host_network: bool = False
    node_name: str = ""
    service_account_name: str = ""
    service_account: str = ""
    automount_service_account_token: bool | None = None
    volume_fields: tuple[VolumeFields, ...] = field(name="volumes", default=())
    ephemeral_containers: tuple[Container, ...] = ()
    security_context: PodSecurityContext | None = None
    os: PodOS | None = None
    host_pid: bool = field(name="hostPID", default=False)
    host_ipc: bool = field(name="hostIPC", default=False)
    host_users: bool | None = None
    share_process_namespace: bool | None = None

    @property
    def account(self) -> str:
        """The service account that the pod runs as; ``serviceAccount`` is the old name of the field."""
        return self.service_account_name or self.service_account or "default"

    @property
    def serving_containers(self) -> Sequence[Container]:
        """
        The containers whose declared ports count.

        Regular ones, and init containers with ``restartPolicy: Always`` (native
        sidecars, KEP-753); other init containers have ended before the pod serves.
        """
        if not self.init_containers:
            return self.containers
        return (*self.containers, *(each for each in self.init_containers if each.restart_policy == "Always"))

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """All containers: initial, regular and ephemeral ones."""
        return (*self.init_containers, *self.containers, *self.ephemeral_containers)

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes, in their order; made anew each time."""
        return tuple(volumes_of(self.volume_fields))

    @property
    def images(self) -> tuple[str, ...]:
        """The images of all containers."""
        return tuple(each.image for each in (*self.init_containers, *self.containers) if each.image)


class PodIP(Struct, frozen=True, gc=False):
    """One address of a pod (``v1.PodIP``)."""

    ip: str = ""


class PodStatus(Struct, frozen=True, gc=False, rename="camel"):
    """The observed part of a pod."""

    phase: str = ""
    pod_ip: str = field(name="podIP", default="")
    pod_ips: tuple[PodIP, ...] = field(name="podIPs", default=())
    host_ip: str = field(name="hostIP", default="")

    @property
    def addresses(self) -> tuple[str, ...]:
        """
        The addresses of the pod, without duplicates.

        A text that is no address is told of as a gap, and otherwise not there.
        """
        first, others = self.pod_ip, self.pod_ips
        if not others or (len(others) == 1 and others[0].ip == first):
            return (first,) if is_address(first) else ()
        listed = (first, *(each.ip for each in others))
        return tuple(dict.fromkeys(each for each in listed if is_address(each)))


class Pod(Struct, frozen=True, gc=False, rename="camel"):
    """A pod (``v1.Pod``)."""

    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()
    place: Place = NOWHERE

    @property
    def addresses(self) -> tuple[str, ...]:
        """The pod's addresses as its status tells them."""
        return self.status.addresses


class PodTemplate(Struct, frozen=True, gc=False, rename="camel"):
    """What the pods of a workload look like (``v1.PodTemplateSpec``)."""

    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class Workload(Struct, frozen=True, gc=False, rename="camel"):
    """
    An object that makes pods: Deployment, StatefulSet, CronJob, ..., or a custom resource with a pod template.

    `replicas` is None where the kind has none (DaemonSet, Job, CronJob) or the field
    is left to its default. `start_ordinal` is that of a StatefulSet. `is_finished`
    says that a Job has completed or failed for good and makes no more pods.
    """

    kind: str
    metadata: ObjectMeta
    template: PodTemplate
    replicas: int | None = None
    start_ordinal: int = 0
    is_finished: bool = False
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)
